import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { ApiError, type AnyObject } from '../../kube/index.ts';
import { decodable } from '../../kube/testing/arbitrary-object.ts';
import { applyPatch } from './apply-patch.ts';
import type { PatchRequest } from './contract.ts';

const schema = 'io.k8s.api.core.v1.Pod';

/** Keys and values that mean something to a patch, anywhere. */
const hostile = fc.object({
  key: fc.constantFrom(
    '$patch',
    '$retainKeys',
    '$setElementOrder/containers',
    '$deleteFromPrimitiveList/finalizers',
    'metadata',
    'spec',
    'containers',
    'finalizers',
    'name',
    'labels',
    '__proto__',
    'constructor',
  ),
  values: [
    fc.constantFrom('delete', 'replace', 'merge', 'a', null, 1),
    fc.constant([]),
    fc.constant(['a']),
  ],
  maxDepth: 4,
});

const pointer = fc.constantFrom(
  '',
  '/',
  '/spec',
  '/spec/containers/0',
  '/spec/containers/-',
  '/a~1b',
  'x',
  '/spec/containers/9',
);
const operations = fc.array(
  fc.record(
    {
      op: fc.constantFrom('add', 'remove', 'replace', 'move', 'copy', 'test', 'none'),
      path: pointer,
      from: pointer,
      value: fc.jsonValue(),
    },
    { noNullPrototype: true },
  ),
  { maxLength: 4 },
);

/** The answer to a request: a result, or an error that the API can send. Anything else fails the test. */
function answer(request: PatchRequest): AnyObject | undefined {
  const before = structuredClone(request);
  try {
    const result = applyPatch(request);
    assert.deepEqual(request, before, 'the request stays as it was');
    return result;
  } catch (error) {
    assert.ok(error instanceof ApiError, String(error));
    return undefined;
  }
}

test('any patch of any object is answered', () => {
  const bodies = fc.oneof(
    fc.tuple(fc.constant('strategic' as const), fc.oneof(hostile, decodable(schema))),
    fc.tuple(fc.constant('merge' as const), fc.oneof(hostile, fc.jsonValue())),
    fc.tuple(fc.constant('json' as const), fc.oneof(operations, fc.jsonValue())),
  );
  fc.assert(
    fc.property(decodable(schema), bodies, (original, [type, body]) => {
      answer({ type, body, original: original as AnyObject, schema });
    }),
    { numRuns: 1000 },
  );
});

test('a merge patch applied twice changes nothing the second time', () => {
  fc.assert(
    fc.property(decodable(schema), hostile, (original, body) => {
      const once = answer({ type: 'merge', body, original: original as AnyObject, schema });
      assert.ok(once);
      assert.deepEqual(answer({ type: 'merge', body, original: once, schema }), once);
    }),
  );
});

test('no patch reaches the prototype of objects', () => {
  const body: unknown = JSON.parse(
    '{"__proto__":{"polluted":1},"metadata":{"__proto__":{"polluted":1}}}',
  );
  for (const type of ['merge', 'strategic'] as const) {
    answer({ type, body, original: { metadata: { name: 'a' } } as AnyObject, schema });
  }
  assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
});
