import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { clusterRoleKind, configMapKind } from '../../kube/index.ts';
import { CollectorWorld, ownedBy } from './testing/collector-world.ts';

let world: CollectorWorld;
beforeEach(() => {
  world = new CollectorWorld();
});
afterEach(() => world.close());

describe('in the background', () => {
  test('dependents follow, and theirs; what has no owner stays', async () => {
    world.start();
    const top = await world.make('top');
    const middle = await world.dependent('middle', top);
    await world.dependent('bottom', middle);
    await world.make('other');
    await world.remove('top');
    await world.left('other');
  });

  test('a hundred dependents follow one owner', async () => {
    world.start();
    const owner = await world.make('owner');
    const all = Array.from({ length: 100 }, (_, number) =>
      world.dependent(`part-${number}`, owner),
    );
    await Promise.all(all);
    await world.remove('owner');
    await world.left('');
  });

  test('owners that went before the start are noticed', async () => {
    const owner = await world.make('owner');
    await world.dependent('part', owner);
    await world.remove('owner');
    world.start();
    await world.left('');
  });

  test('an owner is its uid: another object of its name keeps nothing', async () => {
    world.start();
    const owner = await world.make('owner');
    await world.dependent('part', owner);
    await world.remove('owner');
    await world.make('owner');
    await world.left('owner');
  });

  test('one of several owners is enough, without references to the others', async () => {
    world.start();
    const [first, second] = await Promise.all([world.make('first'), world.make('second')]);
    await world.dependent('part', first, second);
    await world.remove('first');
    await world.until('one owner', async () => {
      const { ownerReferences = [] } = (await world.get('part')).metadata;
      return ownerReferences.map(({ name }) => name).join() === 'second';
    });
    await world.remove('second');
    await world.left('');
  });

  test('a cluster-scoped owner owns in every namespace', async () => {
    world.start();
    const owner = await world.client.create(clusterRoleKind, {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: 'owner' },
      rules: [],
    });
    await world.dependent('part', owner);
    await world.settled();
    assert.equal(await world.names(configMapKind), 'part');
    await world.client.delete(clusterRoleKind, { name: 'owner' });
    await world.left('');
  });

  test('an owner in another namespace keeps nothing, and an Event says so', async () => {
    world.start();
    const owner = await world.make('owner', { namespace: 'other' });
    await world.dependent('part', owner);
    await world.left('owner');
    assert.deepEqual(await world.events(), [
      `OwnerRefInvalidNamespace: ownerRef [v1/ConfigMap, namespace: other, name: owner, uid: ${owner.metadata.uid}] does not exist in namespace "shop"`,
    ]);
  });

  test('a cluster-scoped object cannot lose an owner that has a namespace', async () => {
    world.start();
    const owner = await world.make('owner');
    const metadata = { name: 'part', ownerReferences: [ownedBy(owner)] };
    await world.client.create(clusterRoleKind, {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata,
      rules: [],
    });
    await world.remove('owner');
    await world.settled();
    assert.equal(await world.names(clusterRoleKind), 'part');
  });

  test('an owner of a kind that is not served keeps its dependents', async () => {
    world.start();
    const owner = { apiVersion: 'example.com/v1', kind: 'Widget', name: 'owner', uid: 'w-1' };
    await world.make('part', { ownerReferences: [owner] });
    await world.settled();
    assert.equal(await world.names(configMapKind), 'part');
  });
});
