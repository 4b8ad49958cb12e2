import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileJsonPath } from './json-path.ts';

const object = {
  spec: { replicas: 3, list: [{ name: 'a' }, { name: 'b' }], 'odd.name': 1 },
  status: {
    conditions: [
      { type: 'Ready', status: 'True', age: 5 },
      { type: 'Synced', status: 'False', age: 9 },
    ],
  },
};

const paths: readonly (readonly [path: string, values: readonly unknown[]])[] = [
  ['.spec.replicas', [3]],
  ['{.spec.replicas}', [3]],
  ['spec.replicas', [3]],
  ['$.spec.replicas', [3]],
  ['.spec.list[0].name', ['a']],
  ['.spec.list[-1].name', ['b']],
  ['.spec.list[*].name', ['a', 'b']],
  [".spec['odd.name']", [1]],
  ['.spec.odd\\.name', [1]],
  ['.status.conditions[?(@.type=="Ready")].status', ['True']],
  [".status.conditions[?(@.type=='Synced')].status", ['False']],
  ['.status.conditions[?(@.age>6)].type', ['Synced']],
  ['.status.none.deeper', []],
  ['.spec.constructor', []],
];

for (const [path, values] of paths) {
  test(`${path} finds ${JSON.stringify(values)}`, () => {
    assert.deepEqual(compileJsonPath(path)?.(object), values);
  });
}

for (const path of ['.a[', '.a[x]', '..a', '.a[?(@.b~1)]']) {
  test(`${path} is not understood`, () => assert.equal(compileJsonPath(path), undefined));
}
