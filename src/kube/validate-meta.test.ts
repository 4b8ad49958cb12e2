import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ObjectMeta } from './meta.ts';
import { dns1035Label } from './names.ts';
import { validateMeta, validateMetaUpdate } from './validate-meta.ts';

const owner = { apiVersion: 'v1', kind: 'Pod', name: 'p', uid: 'u' };
const subdomain = /^metadata\.name: Invalid value: "bad_name": a lowercase RFC 1123 subdomain must/;

describe('new objects', () => {
  const cases: readonly [what: string, meta: Partial<ObjectMeta>, errors: (string | RegExp)[]][] = [
    ['all well', {}, []],
    ['a bad name', { name: 'bad_name' }, [subdomain]],
    ['no name', { name: '' }, ['metadata.name: Required value: name or generateName is required']],
    ['a generated name', { name: '', generateName: 'a-' }, []],
    ['no namespace', { namespace: '' }, ['metadata.namespace: Required value']],
    [
      'a bad label',
      { labels: { 'a b': 'x' } },
      [/^metadata\.labels: Invalid value: "a b": name part must consist of/],
    ],
    [
      'too many annotations',
      { annotations: { a: 'x'.repeat(256 * 1024) } },
      ['metadata.annotations: Too long: may not be more than 262144 bytes'],
    ],
    ['an upper-case annotation key', { annotations: { 'Example.com/A': '' } }, []],
    [
      'an incomplete owner',
      { ownerReferences: [{ ...owner, uid: '' }] },
      ['metadata.ownerReferences.uid: Invalid value: "": uid must not be empty'],
    ],
    [
      'two controllers',
      {
        ownerReferences: [
          { ...owner, controller: true },
          { ...owner, name: 'q', controller: true },
        ],
      },
      [
        /Only one reference can have Controller set to true\. Found "true" in references for p and q$/,
      ],
    ],
    [
      'an unqualified finalizer',
      { finalizers: ['mine'] },
      [
        'metadata.finalizers: Invalid value: "mine": name is neither a standard finalizer name nor is it fully qualified',
      ],
    ],
    [
      'finalizers that contradict each other',
      { finalizers: ['orphan', 'foregroundDeletion'] },
      [/finalizer set cannot contain both orphan and foregroundDeletion$/],
    ],
  ];
  for (const [what, parts, expected] of cases) {
    test(what, () => {
      const meta = { name: 'x', namespace: 'default', ...parts };
      const errors = validateMeta(meta, { namespaced: true });
      const texts = errors.map(({ field, body }) => `${field}: ${body}`);
      assert.equal(texts.length, expected.length, texts.join('\n'));
      for (const [position, text] of expected.entries()) {
        if (typeof text === 'string') assert.equal(texts[position], text);
        else assert.match(texts[position] ?? '', text);
      }
    });
  }

  test('cluster-scoped objects have no namespace', () => {
    const [error] = validateMeta({ name: 'x', namespace: 'default' }, { namespaced: false });
    assert.equal(error?.body, 'Forbidden: not allowed on this type');
  });

  test("a kind's own rule for names holds for generated ones, too", () => {
    const rules = { namespaced: false, validateName: dns1035Label };
    assert.equal(validateMeta({ name: '', generateName: '1a-' }, rules).length, 1);
    assert.equal(validateMeta({ name: '', generateName: 'a-' }, rules).length, 0);
  });

  test('a prefix may be as long as a name, and end in a dash but not in a dot', () => {
    const errors = (generateName: string): number =>
      validateMeta({ name: '', generateName }, { namespaced: false }).length;
    assert.equal(errors('a'.repeat(253)), 0);
    assert.equal(errors(`${'a'.repeat(252)}-`), 0);
    assert.equal(errors('a'.repeat(254)), 1);
    assert.equal(errors('web.'), 1);
    assert.equal(errors('-'), 1);
  });
});

describe('updates', () => {
  const old: ObjectMeta = { name: 'x', namespace: 'default', uid: 'u' };
  test('the identity stays', () => {
    assert.deepEqual(
      validateMetaUpdate({ ...old, uid: 'v' }, old).map(({ field, body }) => `${field}: ${body}`),
      ['metadata.uid: Invalid value: "v": field is immutable'],
    );
  });

  test('an object on its way out gets no new finalizers', () => {
    const going = { ...old, deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: ['a/b'] };
    assert.deepEqual(validateMetaUpdate({ ...going, finalizers: [] }, going), []);
    assert.equal(
      validateMetaUpdate({ ...going, finalizers: ['a/b', 'c/d'] }, going)[0]?.body,
      'Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"c/d"}',
    );
  });
});
