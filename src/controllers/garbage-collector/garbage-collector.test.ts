import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import type { DeleteOptions } from '../../client/index.ts';
import {
  clusterRoleKind,
  configMapKind,
  customResourceDefinitionKind,
  eventKind,
  secretKind,
  type AnyObject,
  type KubeObject,
  type ObjectMeta,
  type OwnerReference,
  type Resource,
} from '../../kube/index.ts';
import { createResourceCatalog } from '../resource-catalog.ts';
import { createControllerWorld, type ControllerWorld } from '../testing/context.ts';
import { startGarbageCollector } from './garbage-collector.ts';

const namespace = 'shop';

let world: ControllerWorld;
beforeEach(() => {
  world = createControllerWorld();
});
afterEach(async () => {
  const { errors } = world;
  await world.close();
  assert.deepEqual(errors, []);
});

function start(): void {
  world.start((context) =>
    startGarbageCollector(context, { kinds: createResourceCatalog(context.informers) }),
  );
}

function make(name: string, meta: Partial<ObjectMeta> = {}): Promise<KubeObject> {
  return world.client.create(configMapKind, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace, ...meta },
  });
}

function ownedBy(owner: KubeObject, blockOwnerDeletion = true): OwnerReference {
  const { name, uid = '' } = owner.metadata;
  return { apiVersion: owner.apiVersion, kind: owner.kind, name, uid, blockOwnerDeletion };
}

/** A ConfigMap with these owners. */
function dependent(name: string, ...owners: KubeObject[]): Promise<KubeObject> {
  return make(name, { ownerReferences: owners.map((owner) => ownedBy(owner)) });
}

function remove(
  name: string,
  propagationPolicy: DeleteOptions['propagationPolicy'] = 'Background',
) {
  return world.client.delete(configMapKind, { name, namespace }, { propagationPolicy });
}

async function names<T extends KubeObject>(resource: Resource<T>): Promise<string> {
  const { items } = await world.client.list(resource);
  return items.map(({ metadata }) => metadata.name).join();
}

function left(expected: string): Promise<void> {
  return world.until(`left: ${expected}`, async () => (await names(configMapKind)) === expected);
}

/** Resolves when the collector has handled what came before. */
async function settled(): Promise<void> {
  const owner = await make('zz-owner');
  await dependent('zz-mark', owner);
  await remove('zz-owner');
  await world.until('the mark is gone', async () => !(await names(configMapKind)).includes('zz'));
}

function get(name: string): Promise<KubeObject> {
  return world.client.get(configMapKind, { name, namespace });
}

describe('in the background', () => {
  test('dependents follow, and theirs; what has no owner stays', async () => {
    start();
    const top = await make('top');
    const middle = await dependent('middle', top);
    await dependent('bottom', middle);
    await make('other');
    await remove('top');
    await left('other');
  });

  test('a hundred dependents follow one owner', async () => {
    start();
    const owner = await make('owner');
    const all = Array.from({ length: 100 }, (_, number) => dependent(`part-${number}`, owner));
    await Promise.all(all);
    await remove('owner');
    await left('');
  });

  test('owners that went before the start are noticed', async () => {
    const owner = await make('owner');
    await dependent('part', owner);
    await remove('owner');
    start();
    await left('');
  });

  test('an owner is its uid: another object of its name keeps nothing', async () => {
    start();
    const owner = await make('owner');
    await dependent('part', owner);
    await remove('owner');
    await make('owner');
    await left('owner');
  });

  test('one of several owners is enough, without references to the others', async () => {
    start();
    const [first, second] = await Promise.all([make('first'), make('second')]);
    await dependent('part', first, second);
    await remove('first');
    await world.until('one owner', async () => {
      const { ownerReferences = [] } = (await get('part')).metadata;
      return ownerReferences.map(({ name }) => name).join() === 'second';
    });
    await remove('second');
    await left('');
  });

  test('a cluster-scoped owner owns in every namespace', async () => {
    start();
    const owner = await world.client.create(clusterRoleKind, {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: 'owner' },
      rules: [],
    });
    await dependent('part', owner);
    await settled();
    assert.equal(await names(configMapKind), 'part');
    await world.client.delete(clusterRoleKind, { name: 'owner' });
    await left('');
  });

  test('an owner in another namespace keeps nothing, and an Event says so', async () => {
    start();
    const owner = await make('owner', { namespace: 'other' });
    await dependent('part', owner);
    await left('owner');
    assert.deepEqual(await world.events(), [
      `OwnerRefInvalidNamespace: ownerRef [v1/ConfigMap, namespace: other, name: owner, uid: ${owner.metadata.uid}] does not exist in namespace "shop"`,
    ]);
  });

  test('a cluster-scoped object cannot lose an owner that has a namespace', async () => {
    start();
    const owner = await make('owner');
    const metadata = { name: 'part', ownerReferences: [ownedBy(owner)] };
    await world.client.create(clusterRoleKind, {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata,
      rules: [],
    });
    await remove('owner');
    await settled();
    assert.equal(await names(clusterRoleKind), 'part');
  });

  test('an owner of a kind that is not served keeps its dependents', async () => {
    start();
    const owner = { apiVersion: 'example.com/v1', kind: 'Widget', name: 'owner', uid: 'w-1' };
    await make('part', { ownerReferences: [owner] });
    await settled();
    assert.equal(await names(configMapKind), 'part');
  });
});

describe('in the foreground', () => {
  test('the owner goes after the dependents that hold it', async () => {
    start();
    const owner = await make('owner');
    await make('part', { ownerReferences: [ownedBy(owner)], finalizers: ['example.com/slow'] });
    await make('quick', { ownerReferences: [ownedBy(owner)] });
    await remove('owner', 'Foreground');
    await left('owner,part');
    await settled();
    assert.deepEqual((await get('owner')).metadata.finalizers, ['foregroundDeletion']);
    await world.client.patch(
      configMapKind,
      { name: 'part', namespace },
      { type: 'merge', body: { metadata: { finalizers: null } } },
    );
    await left('');
  });

  test('a dependent that does not hold its owner is deleted but not waited for', async () => {
    start();
    const owner = await make('owner');
    const ownerReferences = [ownedBy(owner, false)];
    await make('part', { ownerReferences, finalizers: ['example.com/slow'] });
    await remove('owner', 'Foreground');
    await left('part');
    await world.until('part is going', async () => {
      return (await get('part')).metadata.deletionTimestamp !== undefined;
    });
  });

  test('it goes through all generations, from the last', async () => {
    start();
    const top = await make('top');
    const middle = await dependent('middle', top);
    await dependent('bottom', middle);
    await remove('top', 'Foreground');
    await left('');
  });

  test('a dependent with another owner stays, and no longer holds', async () => {
    start();
    const [owner, keeper] = await Promise.all([make('owner'), make('keeper')]);
    await dependent('part', owner, keeper);
    await remove('owner', 'Foreground');
    await left('keeper,part');
  });

  test('a circle of owners ends', async () => {
    start();
    const one = await make('one');
    const two = await dependent('two', one);
    const body = { metadata: { ownerReferences: [ownedBy(two)] } };
    await world.client.patch(configMapKind, { name: 'one', namespace }, { type: 'merge', body });
    await settled();
    await remove('one', 'Foreground');
    await left('');
  });
});

test('orphaned dependents stay without their owner', async () => {
  start();
  const owner = await make('owner');
  await dependent('part', owner);
  await settled();
  await remove('owner', 'Orphan');
  await left('part');
  await settled();
  assert.equal((await get('part')).metadata.ownerReferences, undefined);
});

describe('resources', () => {
  const widget = {
    group: 'example.com',
    version: 'v1',
    kind: 'Widget',
    plural: 'widgets',
    namespaced: true,
  } as const;

  function makeWidget(name: string, owners: KubeObject[] = []): Promise<AnyObject> {
    return world.client.create(widget, {
      apiVersion: 'example.com/v1',
      kind: 'Widget',
      metadata: { name, namespace, ownerReferences: owners.map((owner) => ownedBy(owner)) },
    });
  }

  function defineWidgets(): Promise<KubeObject> {
    return world.client.create(customResourceDefinitionKind, {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'widgets.example.com' },
      spec: {
        group: 'example.com',
        scope: 'Namespaced',
        names: { plural: 'widgets', kind: 'Widget' },
        versions: [{ name: 'v1', served: true, storage: true }],
      },
    });
  }

  test('custom ones own and are owned as soon as they are defined', async () => {
    start();
    const owner = await makeWidget('owner');
    await dependent('part', owner);
    await makeWidget('owned', [await get('part')]);
    await settled();
    await defineWidgets();
    await settled();
    assert.equal(await names(widget), 'owned,owner');
    await world.client.delete(widget, { name: 'owner', namespace });
    await left('');
    await world.until('no widget', async () => (await names(widget)) === '');
  });

  test('custom ones that are no longer served hold no owner', async () => {
    start();
    await defineWidgets();
    const owner = await make('owner');
    const held = await makeWidget('held', [owner]);
    await world.client.patch(
      widget,
      { name: 'held', namespace },
      { type: 'merge', body: { metadata: { finalizers: ['example.com/slow'] } } },
    );
    await settled();
    await remove('owner', 'Foreground');
    await world.until('the widget is going', async () => {
      const { metadata } = await world.client.get(widget, { name: 'held', namespace });
      return metadata.deletionTimestamp !== undefined;
    });
    assert.equal(held.metadata.ownerReferences?.[0]?.name, 'owner');
    await settled();
    assert.equal(await names(configMapKind), 'owner');
    await world.client.delete(customResourceDefinitionKind, { name: 'widgets.example.com' });
    await left('');
  });

  test('dependents may be of any kind, but Events are nobody', async () => {
    start();
    const owner = await make('owner');
    const metadata = { name: 'part', namespace, ownerReferences: [ownedBy(owner)] };
    await world.client.create(secretKind, { apiVersion: 'v1', kind: 'Secret', metadata });
    await world.client.create(eventKind, {
      apiVersion: 'v1',
      kind: 'Event',
      metadata,
      involvedObject: {},
    });
    await remove('owner');
    await world.until('no secret', async () => (await names(secretKind)) === '');
    await settled();
    assert.equal(await names(eventKind), 'part');
  });
});
