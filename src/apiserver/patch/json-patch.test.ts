import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiError } from '../../kube/index.ts';
import { applyJsonPatch } from './json-patch.ts';

function patched(document: unknown, ...operations: unknown[]): unknown {
  return applyJsonPatch(structuredClone(document), operations);
}

/** Examples of RFC 6902, appendix A, by number, and what Kubernetes adds. */
const cases: readonly (readonly [
  name: string,
  document: unknown,
  operation: object,
  result: unknown,
])[] = [
  [
    'A.1 adds a member',
    { foo: 'bar' },
    { op: 'add', path: '/baz', value: 'qux' },
    { baz: 'qux', foo: 'bar' },
  ],
  [
    'A.2 adds an element',
    { foo: ['bar', 'baz'] },
    { op: 'add', path: '/foo/1', value: 'qux' },
    { foo: ['bar', 'qux', 'baz'] },
  ],
  ['A.3 removes a member', { baz: 1, foo: 2 }, { op: 'remove', path: '/baz' }, { foo: 2 }],
  ['A.4 removes an element', { foo: [1, 2, 3] }, { op: 'remove', path: '/foo/1' }, { foo: [1, 3] }],
  ['A.5 replaces', { baz: 1 }, { op: 'replace', path: '/baz', value: 2 }, { baz: 2 }],
  [
    'A.6 moves',
    { foo: { bar: 1, waldo: 2 }, qux: {} },
    { op: 'move', from: '/foo/waldo', path: '/qux/thud' },
    { foo: { bar: 1 }, qux: { thud: 2 } },
  ],
  [
    'A.7 moves in an array',
    { foo: [1, 2, 3, 4] },
    { op: 'move', from: '/foo/1', path: '/foo/3' },
    { foo: [1, 3, 4, 2] },
  ],
  [
    'A.10 adds a nested object',
    { foo: 1 },
    { op: 'add', path: '/child', value: { a: {} } },
    { foo: 1, child: { a: {} } },
  ],
  [
    'A.14 unescapes',
    { '/': 9, '~1': 10 },
    { op: 'test', path: '/~01', value: 10 },
    { '/': 9, '~1': 10 },
  ],
  ['A.16 appends', { foo: [1] }, { op: 'add', path: '/foo/-', value: [2] }, { foo: [1, [2]] }],
  ['copies', { a: { x: 1 } }, { op: 'copy', from: '/a', path: '/b' }, { a: { x: 1 }, b: { x: 1 } }],
  ['replaces the whole', { a: 1 }, { op: 'replace', path: '', value: { b: 1 } }, { b: 1 }],
  ['tests a missing key for null', {}, { op: 'test', path: '/a', value: null }, {}],
  [
    'takes __proto__ for a key',
    {},
    { op: 'add', path: '/__proto__', value: 1 },
    JSON.parse('{"__proto__":1}'),
  ],
];

for (const [name, document, operation, result] of cases) {
  test(name, () => assert.deepEqual(patched(document, operation), result));
}

const failures: readonly (readonly [operation: object, message: string])[] = [
  [
    { op: 'remove', path: '/x' },
    'remove operation does not apply: doc is missing key: /x: missing value',
  ],
  [
    { op: 'replace', path: '/x', value: 1 },
    'replace operation does not apply: doc is missing key: /x: missing value',
  ],
  [
    { op: 'add', path: '/x/y', value: 1 },
    'add operation does not apply: doc is missing path: "/x/y": missing value',
  ],
  [
    { op: 'add', path: '/list/9', value: 1 },
    'Unable to access invalid index: 9: invalid index referenced',
  ],
  [
    { op: 'add', path: '/list/01', value: 1 },
    'Unable to access invalid index: 01: invalid index referenced',
  ],
  [{ op: 'test', path: '/a', value: 2 }, 'testing value /a failed: test failed'],
  [{ op: 'jump', path: '/a' }, 'Unexpected kind: jump'],
];

for (const [operation, message] of failures) {
  test(`fails with ${message}`, () => {
    assert.throws(
      () => patched({ a: 1, list: [] }, operation),
      (error) => {
        assert.ok(error instanceof ApiError);
        assert.equal(error.status.code, 422);
        assert.equal(
          error.message,
          'the server rejected our request due to an error in our request',
        );
        assert.equal(error.status.details?.causes?.[0]?.message, message);
        return true;
      },
    );
  });
}

test('a body that is no list of operations is a bad request', () => {
  assert.throws(() => applyJsonPatch({}, { op: 'add' }), /cannot unmarshal object/);
  assert.throws(() => patched({}, { op: 'add' }), /operation 0 of the JSON patch needs/);
});
