import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { podKind, replicaSetKind, type Pod, type ReplicaSet } from '../kube/index.ts';
import { startReplicaSetController } from './replicaset.ts';
import { createControllerWorld, type ControllerWorld } from './testing/context.ts';
import { fakeKubelet } from './testing/fake-kubelet.ts';
import { podObject } from './testing/objects.ts';

let world: ControllerWorld;
beforeEach(() => {
  world = createControllerWorld();
});
afterEach(async () => {
  const { errors } = world;
  await world.close();
  assert.deepEqual(errors, []);
});

const ref = { name: 'web', namespace: 'shop' };
const app = { app: 'web' };

function replicaSet(replicas: number, minReadySeconds = 0): ReplicaSet {
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: ref,
    spec: {
      replicas,
      minReadySeconds,
      selector: { matchLabels: app },
      template: {
        metadata: { labels: app, annotations: { note: 'kept' } },
        spec: { containers: [{ name: 'web', image: 'web' }] },
      },
    },
  };
}

async function pods(): Promise<Pod[]> {
  return (await world.client.list(podKind)).items;
}

async function status(): Promise<ReplicaSet['status']> {
  return (await world.client.get(replicaSetKind, ref)).status;
}

async function scale(replicas: number): Promise<void> {
  await world.client.patch(replicaSetKind, ref, { type: 'merge', body: { spec: { replicas } } });
}

const ready = (count: number) => async () => (await status())?.readyReplicas === count;

test('a hundred pods at once, each once, and the status that says so', async () => {
  world.start(startReplicaSetController, fakeKubelet());
  await world.client.create(replicaSetKind, replicaSet(100));
  await world.until('all ready', ready(100));
  const all = await pods();
  assert.equal(all.length, 100);
  assert.match(all[0]?.metadata.name ?? '', /^web-[a-z0-9]{5}$/);
  assert.deepEqual(all[0]?.metadata.annotations, { note: 'kept' });
  assert.equal(all[0]?.metadata.ownerReferences?.[0]?.controller, true);
  const { replicas, availableReplicas, fullyLabeledReplicas, observedGeneration } =
    (await status()) ?? {};
  assert.deepEqual(
    [replicas, availableReplicas, fullyLabeledReplicas, observedGeneration],
    [100, 100, 100, 1],
  );
});

test('tells of each pod it creates and deletes', async () => {
  world.start(startReplicaSetController, fakeKubelet());
  await world.client.create(replicaSetKind, replicaSet(1));
  await world.until('ready', ready(1));
  const name = (await pods())[0]?.metadata.name;
  await scale(0);
  await world.until('none', async () => (await pods()).length === 0);
  assert.deepEqual(await world.events(), [
    `SuccessfulCreate: Created pod: ${name}`,
    `SuccessfulDelete: Deleted pod: ${name}`,
  ]);
});

test('replaces what is deleted and what failed', async () => {
  world.start(startReplicaSetController, fakeKubelet());
  await world.client.create(replicaSetKind, replicaSet(2));
  await world.until('ready', ready(2));
  const [first, second] = await pods();
  assert.ok(first && second);
  await world.client.delete(podKind, { name: first.metadata.name, namespace: 'shop' });
  await world.client.patch(
    podKind,
    { name: second.metadata.name, namespace: 'shop', subresource: 'status' },
    { type: 'merge', body: { status: { phase: 'Failed' } } },
  );
  await world.until('two others', async () => {
    const active = (await pods()).filter((pod) => pod.status?.phase === 'Running');
    const names = active.map(({ metadata }) => metadata.name);
    return (
      active.length === 2 &&
      !names.includes(first.metadata.name) &&
      !names.includes(second.metadata.name)
    );
  });
});

test('scaling down takes what serves least', async () => {
  world.start(
    startReplicaSetController,
    fakeKubelet((pod) => pod.metadata.name !== 'sick'),
  );
  const spec = { nodeName: 'node1' };
  await world.client.create(podKind, podObject('sick', { labels: app, spec }));
  await world.client.create(podKind, podObject('well', { labels: app, spec, ip: '10.244.0.1' }));
  await world.client.create(replicaSetKind, replicaSet(2));
  await world.until('both adopted', async () => (await status())?.replicas === 2);
  await scale(1);
  await world.until('one left', async () => (await pods()).length === 1);
  assert.equal((await pods())[0]?.metadata.name, 'well');
});

test('adopts orphans that it selects, and releases what it no longer selects', async () => {
  world.start(startReplicaSetController, fakeKubelet());
  await world.client.create(podKind, podObject('orphan', { labels: app, ip: '10.244.0.1' }));
  await world.client.create(replicaSetKind, replicaSet(1));
  await world.until('adopted', ready(1));
  assert.deepEqual(
    (await pods()).map(({ metadata }) => metadata.name),
    ['orphan'],
  );
  await world.client.patch(
    podKind,
    { name: 'orphan', namespace: 'shop' },
    {
      type: 'merge',
      body: { metadata: { labels: { app: 'debug' } } },
    },
  );
  await world.until('released and replaced', async () => {
    const released = (await pods()).find(({ metadata }) => metadata.name === 'orphan');
    return released?.metadata.ownerReferences === undefined && (await pods()).length === 2;
  });
});

test('a pod counts as available after minReadySeconds', async () => {
  world.start(startReplicaSetController, fakeKubelet());
  await world.client.create(replicaSetKind, replicaSet(1, 30));
  await world.until('ready', ready(1));
  assert.equal((await status())?.availableReplicas, 0);
  await world.clock.advance(30_000);
  await world.until('available', async () => (await status())?.availableReplicas === 1);
});
