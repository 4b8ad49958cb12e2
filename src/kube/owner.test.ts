import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nodeKind } from './core/node.ts';
import { keyOf, objectKey, splitKey } from './keys.ts';
import { scaledValue } from './int-or-string.ts';
import { apiVersionOf, controllerOf, isControlledBy, ownerReference } from './owner.ts';
import { objectOf } from './testing/kind-checks.ts';

test('an owner reference names its controller', () => {
  const owner = objectOf(nodeKind, { metadata: { name: 'node1', uid: 'u1' } });
  const reference = ownerReference(nodeKind, owner);
  assert.deepEqual(reference, {
    apiVersion: 'v1',
    kind: 'Node',
    name: 'node1',
    uid: 'u1',
    controller: true,
    blockOwnerDeletion: true,
  });
  const owned = objectOf(nodeKind, { metadata: { name: 'x', ownerReferences: [reference] } });
  assert.deepEqual(controllerOf(owned), reference);
  assert.equal(isControlledBy(owned, owner), true);
  assert.equal(isControlledBy(owner, owned), false);
  assert.equal(apiVersionOf({ group: 'apps', version: 'v1' }), 'apps/v1');
});

test('keys go there and back', () => {
  assert.equal(keyOf(objectOf(nodeKind, { metadata: { name: 'n' } })), 'n');
  assert.equal(objectKey({ namespace: 'a', name: 'b' }), 'a/b');
  assert.deepEqual(splitKey('a/b'), { namespace: 'a', name: 'b' });
  assert.deepEqual(splitKey('b'), { name: 'b' });
});

test('percentages are rounded as asked', () => {
  assert.equal(scaledValue('25%', 10, 'up'), 3);
  assert.equal(scaledValue('25%', 10, 'down'), 2);
  assert.equal(scaledValue(4, 10, 'down'), 4);
  assert.equal(scaledValue('many', 10, 'down'), undefined);
});
