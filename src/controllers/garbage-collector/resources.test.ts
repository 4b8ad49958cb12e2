import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import {
  configMapKind,
  customResourceDefinitionKind,
  eventKind,
  secretKind,
  type AnyObject,
  type KubeObject,
} from '../../kube/index.ts';
import { CollectorWorld, namespace, ownedBy } from './testing/collector-world.ts';

let world: CollectorWorld;
beforeEach(() => {
  world = new CollectorWorld();
});
afterEach(() => world.close());

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
    world.start();
    const owner = await makeWidget('owner');
    await world.dependent('part', owner);
    await makeWidget('owned', [await world.get('part')]);
    await world.settled();
    await defineWidgets();
    await world.settled();
    assert.equal(await world.names(widget), 'owned,owner');
    await world.client.delete(widget, { name: 'owner', namespace });
    await world.left('');
    await world.until('no widget', async () => (await world.names(widget)) === '');
  });

  test('custom ones that are no longer served hold no owner', async () => {
    world.start();
    await defineWidgets();
    const owner = await world.make('owner');
    const held = await makeWidget('held', [owner]);
    await world.client.patch(
      widget,
      { name: 'held', namespace },
      { type: 'merge', body: { metadata: { finalizers: ['example.com/slow'] } } },
    );
    await world.settled();
    await world.remove('owner', 'Foreground');
    await world.until('the widget is going', async () => {
      const { metadata } = await world.client.get(widget, { name: 'held', namespace });
      return metadata.deletionTimestamp !== undefined;
    });
    assert.equal(held.metadata.ownerReferences?.[0]?.name, 'owner');
    await world.settled();
    assert.equal(await world.names(configMapKind), 'owner');
    await world.client.delete(customResourceDefinitionKind, { name: 'widgets.example.com' });
    await world.left('');
  });

  test('dependents may be of any kind, but Events are nobody', async () => {
    world.start();
    const owner = await world.make('owner');
    const metadata = { name: 'part', namespace, ownerReferences: [ownedBy(owner)] };
    await world.client.create(secretKind, { apiVersion: 'v1', kind: 'Secret', metadata });
    await world.client.create(eventKind, {
      apiVersion: 'v1',
      kind: 'Event',
      metadata,
      involvedObject: {},
    });
    await world.remove('owner');
    await world.until('no secret', async () => (await world.names(secretKind)) === '');
    await world.settled();
    assert.equal(await world.names(eventKind), 'part');
  });
});
