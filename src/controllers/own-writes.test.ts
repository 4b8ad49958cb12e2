import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import type { Informer } from '../client/index.ts';
import { configMapKind, type ConfigMap } from '../kube/index.ts';
import { OwnWrites } from './own-writes.ts';
import { createControllerWorld, type ControllerWorld } from './testing/context.ts';

let world: ControllerWorld;
let informer: Informer<ConfigMap>;
let own: OwnWrites<ConfigMap>;
beforeEach(async () => {
  world = createControllerWorld();
  informer = world.informers.of(configMapKind);
  own = new OwnWrites(informer);
  await informer.synced;
});
afterEach(() => world.close());

const metadata = { name: 'a', namespace: 'shop' };
const draft: ConfigMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata };

function seen(): string {
  return own
    .seenThrough(informer.list(), () => true)
    .map(({ metadata, data }) => `${metadata.name}=${data?.['x'] ?? ''}`)
    .join();
}

test('shows a write before the cache does, and the cache afterwards', async () => {
  const made = await world.client.create(configMapKind, draft);
  own.wrote(made);
  assert.deepEqual([informer.list().length, seen()], [0, 'a=']);
  own.wrote(await world.client.update(configMapKind, { ...made, data: { x: '1' } }));
  assert.equal(seen(), 'a=1');
  await world.until('cached', () => informer.get('shop/a')?.data?.['x'] === '1');
  await world.client.patch(configMapKind, metadata, { type: 'merge', body: { data: { x: '2' } } });
  await world.until('a stranger’s write shows', () => seen() === 'a=2');
});

test('hides what was deleted, and lets a successor of the name through', async () => {
  const made = await world.client.create(configMapKind, draft);
  await world.until('cached', () => informer.list().length === 1);
  await world.client.delete(configMapKind, metadata);
  own.deleted(made);
  assert.deepEqual([informer.list().length, seen()], [1, '']);
  await world.client.create(configMapKind, { ...draft, data: { x: 'new' } });
  await world.until('the new one shows', () => seen() === 'a=new');
});

test('forgets a write that a stranger deleted before the cache saw it', async () => {
  const made = await world.client.create(configMapKind, draft);
  own.wrote(made);
  await world.client.delete(configMapKind, metadata);
  await world.until('it is gone', () => seen() === '');
});
