import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { FakeClock } from '../../clock/index.ts';
import { ApiError, configMapKind, type ConfigMap, type KubeList } from '../../kube/index.ts';
import type { Client, WatchListener } from '../client.ts';
import { createWorld, type World } from '../testing/world.ts';
import { createInformer } from './create-informer.ts';

let world: World;
beforeEach(() => {
  world = createWorld();
});
afterEach(() => world.close());

function configMap(name: string, labels: Record<string, string> = {}): ConfigMap {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: 'default', labels },
  };
}

test('synced resolves after the listeners have seen the first list; changes follow in order', async () => {
  await world.client.create(configMapKind, configMap('a'));
  const informer = world.informers.of(configMapKind);
  const seen: string[] = [];
  informer.onChange(({ previous, next }) => {
    seen.push(`${previous?.metadata.name ?? '-'}>${next?.metadata.name ?? '-'}`);
  });
  await informer.synced;
  assert.deepEqual(seen, ['->a']);
  const b = await world.client.create(configMapKind, configMap('b'));
  await world.client.update(configMapKind, { ...b, data: { x: '1' } });
  await world.client.delete(configMapKind, { name: 'a', namespace: 'default' });
  await world.until('four changes', () => seen.length === 4);
  assert.deepEqual(seen, ['->a', '->b', 'b>b', 'a>-']);
  assert.equal(informer.get('default/b')?.data?.['x'], '1');
  assert.equal(informer.list().length, 1);
});

test('indexes follow changes, whenever they were made', async () => {
  const informer = world.informers.of(configMapKind);
  const byColour = ({ metadata: { labels = {} } }: ConfigMap) => Object.values(labels);
  informer.indexBy('early', byColour);
  const made = await world.client.create(configMapKind, configMap('a', { colour: 'red' }));
  await world.until('a in the cache', () => informer.get('default/a') !== undefined);
  informer.indexBy('late', byColour);
  for (const index of ['early', 'late']) assert.equal(informer.byIndex(index, 'red').length, 1);
  await world.client.update(configMapKind, {
    ...made,
    metadata: { ...made.metadata, labels: { colour: 'blue' } },
  });
  await world.until('a is blue', () => informer.byIndex('early', 'blue').length === 1);
  for (const index of ['early', 'late']) assert.deepEqual(informer.byIndex(index, 'red'), []);
});

test('a late listener first gets everything as added', async () => {
  await world.client.create(configMapKind, configMap('a'));
  const informer = world.informers.of(configMapKind);
  await informer.synced;
  const seen: (string | undefined)[] = [];
  informer.onChange(({ next }) => seen.push(next?.metadata.name));
  assert.deepEqual(seen, ['a']);
});

test('a listener that throws is reported and hurts nobody', async () => {
  const informer = world.informers.of(configMapKind);
  const seen: string[] = [];
  informer.onChange(() => {
    throw new Error('listener broke');
  });
  informer.onChange(({ next }) => seen.push(next?.metadata.name ?? ''));
  await world.client.create(configMapKind, configMap('a'));
  await world.until('the second listener saw it', () => seen.length === 1);
  assert.match(String(world.errors[0]), /listener broke/);
});

test('a selector narrows the cache: an object that stops matching is gone from it', async () => {
  const informer = createInformer(world.client, configMapKind, {
    clock: world.clock,
    labelSelector: 'colour=red',
    onError: (error) => world.errors.push(error),
  });
  const made = await world.client.create(configMapKind, configMap('a', { colour: 'red' }));
  await world.until('it is there', () => informer.list().length === 1);
  await world.client.update(configMapKind, {
    ...made,
    metadata: { ...made.metadata, labels: { colour: 'blue' } },
  });
  await world.until('it is gone', () => informer.list().length === 0);
  informer.close();
});

/** A client that tells what is asked of it, and whose watches end when told. */
function scripted(lists: (KubeList<ConfigMap> | Error)[]) {
  const asked: string[] = [];
  const listeners: WatchListener<ConfigMap>[] = [];
  const client: Pick<Client, 'list' | 'watch'> = {
    list: () => {
      asked.push('list');
      const next = lists.shift() ?? new Error('no more lists');
      return next instanceof Error ? Promise.reject(next) : Promise.resolve(next as never);
    },
    watch: (_resource, options, listener) => {
      asked.push(`watch ${options.resourceVersion}`);
      listeners.push(listener);
      return { close: () => asked.push('close') };
    },
  };
  return { client: client as Client, asked, listeners };
}

function listOf(version: string, ...items: ConfigMap[]): KubeList<ConfigMap> {
  return { apiVersion: 'v1', kind: 'ConfigMapList', metadata: { resourceVersion: version }, items };
}

function versioned(name: string, resourceVersion: string): ConfigMap {
  const object = configMap(name);
  return { ...object, metadata: { ...object.metadata, uid: name, resourceVersion } };
}

test('goes on from the last version when a watch ends, bookmarks included', async () => {
  const clock = new FakeClock();
  const { client, asked, listeners } = scripted([listOf('5')]);
  const informer = createInformer(client, configMapKind, { clock, onError: () => {} });
  await informer.synced;
  listeners[0]?.onEvent({ type: 'ADDED', object: versioned('a', '7') });
  listeners[0]?.onEnd(undefined);
  await clock.advance(1000);
  listeners[1]?.onEvent({ type: 'BOOKMARK', object: versioned('', '9') });
  listeners[1]?.onEnd(new Error('connection reset'));
  await clock.advance(1000);
  assert.deepEqual(asked, ['list', 'watch 5', 'watch 7', 'watch 9']);
  informer.close();
  assert.equal(asked.at(-1), 'close');
});

test('lists again when the watch expired, and tells only what changed', async () => {
  const clock = new FakeClock();
  const a = versioned('a', '3');
  const b = versioned('b', '4');
  const { client, asked, listeners } = scripted([
    listOf('5', a, b),
    listOf('90', a, versioned('c', '80')),
  ]);
  const informer = createInformer(client, configMapKind, { clock, onError: () => {} });
  await informer.synced;
  const seen: string[] = [];
  informer.onChange(({ previous, next }) => {
    seen.push(`${previous?.metadata.name ?? '-'}>${next?.metadata.name ?? '-'}`);
  });
  listeners[0]?.onEnd(new ApiError('Expired', 'too old resource version: 5 (70)'));
  await clock.advance(1000);
  assert.deepEqual(asked, ['list', 'watch 5', 'list', 'watch 90']);
  assert.deepEqual(seen, ['->a', '->b', 'b>-', '->c']);
});

test('repeats a failed list with growing delays and reports each failure', async () => {
  const clock = new FakeClock();
  const errors: unknown[] = [];
  const failures = [new Error('refused'), new Error('refused'), new Error('refused')];
  const { client, asked } = scripted([...failures, listOf('1')]);
  const informer = createInformer(client, configMapKind, {
    clock,
    onError: (error) => errors.push(error),
  });
  await clock.advance(10_000);
  await informer.synced;
  assert.equal(errors.length, 3);
  assert.deepEqual(asked, ['list', 'list', 'list', 'list', 'watch 1']);
});

test('a closed informer does nothing more', async () => {
  const clock = new FakeClock();
  const { client, asked, listeners } = scripted([listOf('5')]);
  const informer = createInformer(client, configMapKind, { clock, onError: () => {} });
  await informer.synced;
  informer.close();
  listeners[0]?.onEvent({ type: 'ADDED', object: versioned('a', '7') });
  listeners[0]?.onEnd(undefined);
  await clock.advance(60_000);
  assert.deepEqual(informer.list(), []);
  assert.deepEqual(asked, ['list', 'watch 5', 'close']);
  assert.equal(clock.pending, 0);
});
