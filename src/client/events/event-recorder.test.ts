import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { dns1123Subdomain, eventKind, type ConfigMap, type Event } from '../../kube/index.ts';
import { createWorld, type World } from '../testing/world.ts';
import { createEventRecorder, type EventRecorder } from './event-recorder.ts';

let world: World;
let recorder: EventRecorder;
beforeEach(() => {
  world = createWorld();
  recorder = createEventRecorder({
    client: world.client,
    clock: world.clock,
    component: 'tester',
    host: 'node1',
    onError: (error) => world.errors.push(error),
  });
});
afterEach(() => world.close());

const web: ConfigMap = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'web', namespace: 'shop', uid: 'u1', resourceVersion: '7' },
};

async function events(): Promise<Event[]> {
  await recorder.flush();
  return (await world.client.list(eventKind)).items;
}

test('writes what kubectl shows: who, what, when and about which part', async () => {
  recorder.event(web, {
    type: 'Warning',
    reason: 'Failed',
    message: 'it broke',
    fieldPath: 'spec.containers{web}',
  });
  const [event] = await events();
  assert.match(event?.metadata.name ?? '', /^web\.[0-9a-f]{16}$/);
  assert.equal(event?.metadata.namespace, 'shop');
  assert.deepEqual(event?.involvedObject, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    name: 'web',
    namespace: 'shop',
    uid: 'u1',
    resourceVersion: '7',
    fieldPath: 'spec.containers{web}',
  });
  assert.deepEqual(event?.source, { component: 'tester', host: 'node1' });
  assert.equal(event?.firstTimestamp, '2026-01-01T00:00:00Z');
  assert.equal(event?.count, 1);
});

test('an object whose name cannot begin the name of an Event gets one all the same', async () => {
  for (const name of ['a'.repeat(253), 'system:node'])
    recorder.event(
      { ...web, metadata: { ...web.metadata, name } },
      { type: 'Normal', reason: 'Long', message: 'here' },
    );
  const all = await events();
  assert.deepEqual(
    new Set(all.map(({ involvedObject }) => involvedObject.name)),
    new Set(['a'.repeat(253), 'system:node']),
  );
  for (const { metadata } of all) assert.deepEqual(dns1123Subdomain(metadata.name), []);
});

test('events of cluster-scoped objects stand in default', async () => {
  const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'node1' } };
  recorder.event(node, { type: 'Normal', reason: 'Starting', message: 'here' });
  assert.equal((await events())[0]?.metadata.namespace, 'default');
});

test('the same again raises the count and keeps the first time', async () => {
  const happening = { type: 'Warning', reason: 'BackOff', message: 'again' } as const;
  recorder.event(web, happening);
  await world.clock.advance(60_000);
  recorder.event(web, happening);
  await world.clock.advance(120_000);
  recorder.event(web, happening);
  const [event, ...others] = await events();
  assert.deepEqual(others, []);
  assert.equal(event?.count, 3);
  assert.equal(event?.firstTimestamp, '2026-01-01T00:00:00Z');
  assert.equal(event?.lastTimestamp, '2026-01-01T00:03:00Z');
});

test('starts anew when the earlier event has been deleted', async () => {
  const happening = { type: 'Normal', reason: 'Pulled', message: 'image' } as const;
  recorder.event(web, happening);
  for (const { metadata } of await events())
    await world.client.delete(eventKind, { name: metadata.name, namespace: 'shop' });
  recorder.event(web, happening);
  assert.deepEqual(
    (await events()).map(({ count }) => count),
    [1],
  );
});

test('many texts of one reason are combined, so that a loop cannot fill the store', async () => {
  for (let index = 0; index < 50; index += 1)
    recorder.event(web, { type: 'Normal', reason: 'Loop', message: `turn ${index}` });
  const all = await events();
  assert.equal(all.length, 11);
  const combined = all.find(({ message }) => message?.startsWith('(combined from similar events)'));
  assert.equal(combined?.count, 40);
});

test('a refused event is reported, and the next one is written', async () => {
  recorder.event(
    { ...web, metadata: { ...web.metadata, name: 'x'.repeat(10) } },
    { type: 'Normal', reason: 'A', message: 'one' },
  );
  await recorder.flush();
  await world.store.close();
  recorder.event(web, { type: 'Normal', reason: 'B', message: 'two' });
  await recorder.flush();
  assert.match(String(world.errors[0]), /closed/);
});
