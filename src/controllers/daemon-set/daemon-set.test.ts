import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import {
  controllerRevisionKind,
  daemonSetKind,
  nodeKind,
  podKind,
  type DaemonSet,
  type DaemonSetStatus,
  type Pod,
  type PodSpec,
} from '../../kube/index.ts';
import { startScheduler } from '../scheduler/scheduler.ts';
import { createControllerWorld, type ControllerWorld } from '../testing/context.ts';
import { fakeKubelet } from '../testing/fake-kubelet.ts';
import { nodeObject } from '../testing/objects.ts';
import { startDaemonSetController } from './daemon-set.ts';

let world: ControllerWorld;
/** Containers of this image never get ready. */
let brokenImage = '';
/** After each change of a pod: how many nodes have an available pod, and how many pods there are. */
let seen: { available: number; total: number }[] = [];

beforeEach(async () => {
  brokenImage = '';
  world = createControllerWorld();
  for (const name of ['node1', 'node2', 'node3']) await addNode(name);
  world.start(
    startDaemonSetController,
    startScheduler,
    fakeKubelet((pod) => imageOf(pod) !== brokenImage && pod.spec.nodeName !== undefined),
  );
  world.informers.of(podKind).onChange(() => {
    const living = world.informers
      .of(podKind)
      .list()
      .filter(({ metadata }) => metadata.deletionTimestamp === undefined);
    const ready = living.filter(({ status }) => status?.podIPs !== undefined);
    const available = new Set(ready.map(({ spec }) => spec.nodeName)).size;
    seen.push({ available, total: living.length });
  });
});
afterEach(async () => {
  const { errors } = world;
  await world.close();
  assert.deepEqual(errors, []);
});

const ref = { name: 'agent', namespace: 'shop' };

function imageOf({ spec }: Pick<Pod, 'spec'>): string {
  return spec.containers[0]?.image ?? '';
}

async function addNode(name: string, labels: Record<string, string> = {}): Promise<void> {
  await world.client.create(nodeKind, nodeObject(name, { labels }));
}

async function changeNode(name: string, body: object): Promise<void> {
  await world.client.patch(nodeKind, { name }, { type: 'merge', body });
}

function create(
  spec: Partial<DaemonSet['spec']> = {},
  podSpec: Partial<PodSpec> = {},
): Promise<DaemonSet> {
  const labels = { app: 'agent' };
  return world.client.create(daemonSetKind, {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: ref,
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { containers: [{ name: 'agent', image: 'v1' }], ...podSpec },
      },
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
      ...spec,
    },
  });
}

function setImage(image: string): Promise<DaemonSet> {
  const template = { spec: { containers: [{ name: 'agent', image }] } };
  return world.client.patch(daemonSetKind, ref, { type: 'merge', body: { spec: { template } } });
}

async function status(): Promise<Partial<DaemonSetStatus>> {
  return (await world.client.get(daemonSetKind, ref)).status ?? {};
}

async function pods(): Promise<Pod[]> {
  return (await world.client.list(podKind)).items;
}

/** `NODE IMAGE` of every pod that stays. */
async function places(): Promise<string> {
  return (await pods())
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .map((pod) => `${pod.spec.nodeName} ${imageOf(pod)}`)
    .sort()
    .join();
}

async function untilPlaces(...expected: string[]): Promise<void> {
  await world.until(
    expected.join(),
    async () =>
      (await places()) === expected.join() &&
      (await status()).numberReady === expected.length &&
      (await pods()).length === expected.length,
  );
}

const everywhere = (image: string): string[] =>
  ['node1', 'node2', 'node3'].map((name) => `${name} ${image}`);

describe('a DaemonSet', () => {
  test('has a pod on each node, through the scheduler, tolerating what befalls nodes', async () => {
    await create();
    await untilPlaces(...everywhere('v1'));
    const [pod] = await pods();
    assert.match(pod?.metadata.name ?? '', /^agent-[a-z0-9]{5}$/);
    const tolerated = pod?.spec.tolerations?.map(({ key, effect }) => `${key} ${effect}`);
    assert.deepEqual(tolerated, [
      'node.kubernetes.io/not-ready NoExecute',
      'node.kubernetes.io/unreachable NoExecute',
      'node.kubernetes.io/disk-pressure NoSchedule',
      'node.kubernetes.io/memory-pressure NoSchedule',
      'node.kubernetes.io/pid-pressure NoSchedule',
      'node.kubernetes.io/unschedulable NoSchedule',
    ]);
    await world.until('available', async () => (await status()).numberAvailable === 3);
    assert.deepEqual(await status(), {
      currentNumberScheduled: 3,
      numberMisscheduled: 0,
      desiredNumberScheduled: 3,
      numberReady: 3,
      observedGeneration: 1,
      updatedNumberScheduled: 3,
      numberAvailable: 3,
    });
    const [event] = await world.events();
    assert.match(event ?? '', /^SuccessfulCreate: Created pod: agent-/);
  });

  test('follows nodes that come and go', async () => {
    await create();
    await untilPlaces(...everywhere('v1'));
    await addNode('node4');
    await untilPlaces(...everywhere('v1'), 'node4 v1');
  });

  test('stays on cordoned nodes', async () => {
    await changeNode('node2', { spec: { unschedulable: true } });
    await create();
    await untilPlaces(...everywhere('v1'));
  });

  test('runs only on the nodes that its template names, and moves with their labels', async () => {
    await create({}, { nodeSelector: { disk: 'ssd' } });
    await changeNode('node3', { metadata: { labels: { disk: 'ssd' } } });
    await untilPlaces('node3 v1');
    await changeNode('node1', { metadata: { labels: { disk: 'ssd' } } });
    await changeNode('node3', { metadata: { labels: { disk: null } } });
    await untilPlaces('node1 v1');
  });

  test('runs where its node affinity says', async () => {
    const expression = { key: 'kubernetes.io/hostname', operator: 'NotIn' as const };
    const term = { matchExpressions: [{ ...expression, values: ['node2'] }] };
    const required = {
      requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [term] },
    };
    await create({}, { affinity: { nodeAffinity: required } });
    await untilPlaces('node1 v1', 'node3 v1');
  });

  test('keeps away from tainted nodes, and leaves one only for NoExecute', async () => {
    const taint = (effect: string) => ({ spec: { taints: [{ key: 'gpu', effect }] } });
    await changeNode('node1', taint('NoSchedule'));
    await create();
    await untilPlaces('node2 v1', 'node3 v1');
    await changeNode('node2', taint('NoSchedule'));
    await world.until('misscheduled', async () => (await status()).numberMisscheduled === 1);
    assert.equal((await pods()).length, 2);
    await changeNode('node3', taint('NoExecute'));
    await world.until('one left', async () => (await places()) === 'node2 v1');
  });

  test('replaces pods that have ended, later each time', async () => {
    await create({}, { nodeSelector: { 'kubernetes.io/hostname': 'node1' } });
    await untilPlaces('node1 v1');
    const fail = async (): Promise<string | undefined> => {
      const [pod] = await pods();
      const { name = '', uid } = pod?.metadata ?? {};
      await world.client.patch(
        podKind,
        { name, namespace: 'shop', subresource: 'status' },
        { type: 'merge', body: { status: { phase: 'Failed' } } },
      );
      return uid;
    };
    const first = await fail();
    await world.until('another', async () => (await pods())[0]?.metadata.uid !== first);
    await untilPlaces('node1 v1');
    const second = await fail();
    await world.clock.advance(999);
    assert.equal((await pods())[0]?.metadata.uid, second);
    await world.clock.advance(1);
    await world.until('a third', async () => (await pods())[0]?.metadata.uid !== second);
    assert.match(
      (await world.events()).join('\n'),
      /^FailedDaemonPod: Found failed daemon pod shop/m,
    );
  });

  test('adopts a pod on a node, instead of making another', async () => {
    await world.client.create(podKind, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'by-hand', namespace: 'shop', labels: { app: 'agent' } },
      spec: { nodeName: 'node1', containers: [{ name: 'agent', image: 'mine' }] },
    });
    await create({ updateStrategy: { type: 'OnDelete' } });
    await untilPlaces('node1 mine', 'node2 v1', 'node3 v1');
  });
});

describe('an update', () => {
  test('takes one node after the other', async () => {
    await create();
    await untilPlaces(...everywhere('v1'));
    seen = [];
    await setImage('v2');
    await untilPlaces(...everywhere('v2'));
    assert.equal(Math.min(...seen.map(({ available }) => available)), 2);
    assert.ok(Math.max(...seen.map(({ total }) => total)) <= 3);
    await world.until('told', async () => (await status()).updatedNumberScheduled === 3);
  });

  test('stops where pods do not get ready, and goes on from there', async () => {
    await create();
    await untilPlaces(...everywhere('v1'));
    brokenImage = 'v2';
    await setImage('v2');
    await world.until('one new pod', async () => /v2/.test(await places()));
    await world.clock.advance(60_000);
    assert.equal((await places()).match(/v1/g)?.length, 2);
    await setImage('v3');
    await untilPlaces(...everywhere('v3'));
  });

  test('with maxSurge has the new pod before the old one goes', async () => {
    const rollingUpdate = { maxUnavailable: 0, maxSurge: 1 };
    await create({ updateStrategy: { type: 'RollingUpdate', rollingUpdate } });
    await untilPlaces(...everywhere('v1'));
    seen = [];
    await setImage('v2');
    await untilPlaces(...everywhere('v2'));
    assert.equal(Math.min(...seen.map(({ available }) => available)), 3);
    assert.equal(Math.max(...seen.map(({ total }) => total)), 4);
  });

  test('waits for the user under OnDelete', async () => {
    await create({ updateStrategy: { type: 'OnDelete' } });
    await untilPlaces(...everywhere('v1'));
    await setImage('v2');
    await world.until('seen', async () => (await status()).observedGeneration === 2);
    const pod = (await pods()).find(({ spec }) => spec.nodeName === 'node2');
    await world.client.delete(podKind, { name: pod?.metadata.name ?? '', namespace: 'shop' });
    await untilPlaces('node1 v1', 'node2 v2', 'node3 v1');
    assert.equal((await status()).updatedNumberScheduled, 1);
  });

  test('waits for minReadySeconds between nodes', async () => {
    await create({ minReadySeconds: 10 });
    await world.until('ready', async () => (await status()).numberReady === 3);
    assert.equal((await status()).numberAvailable, undefined);
    await world.clock.advance(10_000);
    await world.until('available', async () => (await status()).numberAvailable === 3);
  });

  test('keeps the past template as a revision', async () => {
    await create({ revisionHistoryLimit: 1 });
    await untilPlaces(...everywhere('v1'));
    for (const image of ['v2', 'v3', 'v1']) {
      await setImage(image);
      await untilPlaces(...everywhere(image));
    }
    const revisions = async () =>
      (await world.client.list(controllerRevisionKind)).items
        .map(({ revision }) => revision)
        .sort((one, two) => one - two);
    await world.until('two', async () => (await revisions()).length === 2);
    const [pod] = await pods();
    const hash = pod?.metadata.labels?.['controller-revision-hash'];
    const { items } = await world.client.list(controllerRevisionKind);
    assert.ok(items.some(({ metadata }) => metadata.name === `agent-${hash}`));
    assert.deepEqual(await revisions(), [3, 4]);
  });
});
