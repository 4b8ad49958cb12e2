import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { eventKind, nodeKind, podKind, type Pod } from '../../kube/index.ts';
import { createControllerWorld, type ControllerWorld } from '../testing/context.ts';
import { nodeObject, podObject } from '../testing/objects.ts';
import { startScheduler } from './scheduler.ts';

let world: ControllerWorld;
beforeEach(() => {
  world = createControllerWorld();
  world.start(startScheduler);
});
afterEach(async () => {
  const { errors } = world;
  await world.close();
  assert.deepEqual(errors, []);
});

async function pods(): Promise<Pod[]> {
  return (await world.client.list(podKind)).items;
}

async function placed(): Promise<string[]> {
  return (await pods()).flatMap(({ spec }) => spec.nodeName ?? []);
}

test('a hundred pods at once are spread over the nodes evenly, as if bound one by one', async () => {
  for (const name of ['node1', 'node2', 'node3', 'node4'])
    await world.client.create(nodeKind, nodeObject(name));
  await Promise.all(
    Array.from({ length: 100 }, (_, at) => world.client.create(podKind, podObject(`web-${at}`))),
  );
  await world.until('all placed', async () => (await placed()).length === 100);
  const counts = Map.groupBy(await placed(), (name) => name);
  assert.deepEqual(
    [...counts.values()].map((group) => group.length),
    [25, 25, 25, 25],
  );
  assert.ok(
    (await world.events()).includes('Scheduled: Successfully assigned shop/web-0 to node1'),
  );
});

test('a pod that fits nowhere says why, once, and is placed when a node comes', async () => {
  await world.client.create(podKind, podObject('web', { spec: { nodeSelector: { disk: 'ssd' } } }));
  await world.client.create(nodeKind, nodeObject('node1'));
  const message = "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector.";
  await world.until('refused', async () => {
    const [pod] = await pods();
    return pod?.status?.conditions?.some((known) => known.message === message) === true;
  });
  const [pod] = await pods();
  const condition = pod?.status?.conditions?.find(({ type }) => type === 'PodScheduled');
  assert.deepEqual([condition?.status, condition?.reason], ['False', 'Unschedulable']);
  assert.equal((await world.events()).at(-1), `FailedScheduling: ${message}`);
  const { items } = await world.client.list(eventKind);
  assert.deepEqual(
    items.filter((event) => event.message === message).map(({ count }) => count),
    [1],
  );
  await world.client.create(nodeKind, nodeObject('node2', { labels: { disk: 'ssd' } }));
  await world.until('placed', async () => (await placed()).join() === 'node2');
});

test('pods of other schedulers, gated pods and pods with a node are left alone', async () => {
  await world.client.create(nodeKind, nodeObject('node1'));
  await world.client.create(podKind, podObject('other', { spec: { schedulerName: 'mine' } }));
  await world.client.create(
    podKind,
    podObject('gated', { spec: { schedulingGates: [{ name: 'g' }] } }),
  );
  await world.client.create(podKind, podObject('fixed', { spec: { nodeName: 'elsewhere' } }));
  await world.client.create(podKind, podObject('web'));
  await world.until('web is placed', async () => (await placed()).includes('node1'));
  assert.deepEqual((await placed()).sort(), ['elsewhere', 'node1']);
});
