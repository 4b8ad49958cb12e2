import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import {
  controllerRevisionKind,
  podKind,
  statefulSetKind,
  type ControllerRevision,
  type Pod,
  type StatefulSet,
  type StatefulSetSpec,
  type StatefulSetStatus,
} from '../../kube/index.ts';
import { createControllerWorld, type ControllerWorld } from '../testing/context.ts';
import { fakeKubelet } from '../testing/fake-kubelet.ts';
import { startStatefulSetController } from './stateful-set.ts';

let world: ControllerWorld;
/** Containers of this image, and pods of this name, never get ready. */
let broken = '';
/** `+NAME` and `-NAME` as pods came and went. */
let history: string[] = [];

beforeEach(() => {
  broken = '';
  history = [];
  world = createControllerWorld();
  world.start(
    startStatefulSetController,
    fakeKubelet((pod) => imageOf(pod) !== broken && pod.metadata.name !== broken),
  );
  world.informers.of(podKind).onChange(({ previous, next }) => {
    if (previous === undefined) history.push(`+${next?.metadata.name}`);
    if (next === undefined) history.push(`-${previous?.metadata.name}`);
  });
});
afterEach(async () => {
  const { errors } = world;
  await world.close();
  assert.deepEqual(errors, []);
});

const ref = { name: 'web', namespace: 'shop' };

function imageOf({ spec }: Pick<Pod, 'spec'>): string {
  return spec.containers[0]?.image ?? '';
}

function create(spec: Partial<StatefulSetSpec> = {}): Promise<StatefulSet> {
  const labels = { app: 'web' };
  return world.client.create(statefulSetKind, {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: ref,
    spec: {
      replicas: 3,
      serviceName: 'nginx',
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'v1' }] } },
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
      ...spec,
    },
  });
}

function change(spec: object): Promise<StatefulSet> {
  return world.client.patch(statefulSetKind, ref, { type: 'merge', body: { spec } });
}

function setImage(image: string): Promise<StatefulSet> {
  return change({ template: { spec: { containers: [{ name: 'web', image }] } } });
}

async function status(): Promise<Partial<StatefulSetStatus>> {
  return (await world.client.get(statefulSetKind, ref)).status ?? {};
}

/** Pods in the order of their names. */
async function pods(): Promise<Pod[]> {
  const { items } = await world.client.list(podKind);
  return items.sort((one, two) => (one.metadata.name < two.metadata.name ? -1 : 1));
}

async function images(): Promise<string> {
  return (await pods()).map(imageOf).join();
}

async function revisions(): Promise<ControllerRevision[]> {
  const { items } = await world.client.list(controllerRevisionKind);
  return items.sort((one, two) => one.revision - two.revision);
}

async function untilReady(count: number): Promise<void> {
  await world.until(`${count} ready`, async () => {
    const { readyReplicas, replicas, currentRevision, updateRevision } = await status();
    return readyReplicas === count && replicas === count && currentRevision === updateRevision;
  });
}

async function untilImages(text: string): Promise<void> {
  await world.until(text, async () => (await images()) === text && (await areReady()));
}

async function areReady(): Promise<boolean> {
  return (await status()).readyReplicas === (await pods()).length;
}

describe('pods of a StatefulSet', () => {
  test('have names, hostnames, a subdomain and labels of their own', async () => {
    await create();
    await untilReady(3);
    const [first, second] = await pods();
    assert.equal(first?.metadata.name, 'web-0');
    assert.deepEqual([second?.spec.hostname, second?.spec.subdomain], ['web-1', 'nginx']);
    const { labels = {} } = second?.metadata ?? {};
    assert.deepEqual(
      [labels['statefulset.kubernetes.io/pod-name'], labels['apps.kubernetes.io/pod-index']],
      ['web-1', '1'],
    );
    const { currentRevision } = await status();
    assert.match(currentRevision ?? '', /^web-[a-z0-9]+$/);
    assert.equal(labels['controller-revision-hash'], currentRevision);
    const events = await world.events();
    assert.equal(events[0], 'SuccessfulCreate: create Pod web-0 in StatefulSet web successful');
  });

  test('come one after the other', async () => {
    broken = 'web-1';
    await create();
    await world.until('two pods', async () => (await pods()).length === 2);
    assert.equal((await status()).readyReplicas ?? 1, 1);
    broken = '';
    await world.client.delete(podKind, { name: 'web-1', namespace: 'shop' });
    await untilReady(3);
    assert.deepEqual(history, ['+web-0', '+web-1', '-web-1', '+web-1', '+web-2']);
  });

  test('go from the last to the first', async () => {
    await create();
    await untilReady(3);
    history = [];
    await change({ replicas: 1 });
    await untilReady(1);
    assert.deepEqual(history, ['-web-2', '-web-1']);
  });

  test('come all at once under Parallel', async () => {
    broken = 'web-0';
    await create({ podManagementPolicy: 'Parallel' });
    await world.until('two are ready', async () => (await status()).readyReplicas === 2);
    assert.equal((await pods()).length, 3);
  });

  test('count from ordinals.start', async () => {
    await create({ replicas: 2, ordinals: { start: 5 } });
    await untilReady(2);
    assert.deepEqual(history, ['+web-5', '+web-6']);
  });

  test('that have ended are made again under their names', async () => {
    await create({ replicas: 1 });
    await untilReady(1);
    const uid = (await pods())[0]?.metadata.uid;
    await world.client.patch(
      podKind,
      { name: 'web-0', namespace: 'shop', subresource: 'status' },
      { type: 'merge', body: { status: { phase: 'Failed' } } },
    );
    await world.until('another', async () => {
      const [pod] = await pods();
      return pod !== undefined && pod.metadata.uid !== uid;
    });
    await untilReady(1);
    const events = await world.events();
    assert.ok(
      events.includes('RecreatingFailedPod: StatefulSet shop/web is recreating failed Pod web-0'),
    );
  });

  test('wait until the one before has been ready for minReadySeconds', async () => {
    await create({ replicas: 2, minReadySeconds: 10 });
    await world.until('ready', async () => (await status()).readyReplicas === 1);
    assert.deepEqual([history, (await status()).availableReplicas], [['+web-0'], 0]);
    await world.clock.advance(10_000);
    await world.until('the second', async () => (await status()).readyReplicas === 2);
    await world.clock.advance(10_000);
    await world.until('available', async () => (await status()).availableReplicas === 2);
  });
});

describe('a rolling update', () => {
  test('goes from the last to the first, each when the one before is ready', async () => {
    await create();
    await untilReady(3);
    history = [];
    await setImage('v2');
    await untilImages('v2,v2,v2');
    await untilReady(3);
    assert.deepEqual(history, ['-web-2', '+web-2', '-web-1', '+web-1', '-web-0', '+web-0']);
    const { currentReplicas, updatedReplicas } = await status();
    assert.deepEqual([currentReplicas, updatedReplicas], [3, 3]);
  });

  test('stops where a pod does not get ready', async () => {
    await create();
    await untilReady(3);
    broken = 'v2';
    await setImage('v2');
    await world.until('one new pod', async () => (await images()) === 'v1,v1,v2');
    await world.until('its status', async () => (await status()).updatedReplicas === 1);
    await world.clock.advance(60_000);
    const { currentReplicas, readyReplicas } = await status();
    assert.deepEqual([await images(), currentReplicas, readyReplicas], ['v1,v1,v2', 2, 2]);
  });

  test('leaves the pods below the partition, and makes them anew of the old template', async () => {
    await create({
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 2 } },
    });
    await untilReady(3);
    await setImage('v2');
    await untilImages('v1,v1,v2');
    await world.client.delete(podKind, { name: 'web-1', namespace: 'shop' });
    await world.until('gone', () => history.includes('-web-1'));
    await untilImages('v1,v1,v2');
    await change({ updateStrategy: { rollingUpdate: { partition: 0 } } });
    await untilImages('v2,v2,v2');
  });

  test('takes as many at once as maxUnavailable says', async () => {
    await create({
      podManagementPolicy: 'Parallel',
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0, maxUnavailable: 2 } },
    });
    await untilReady(3);
    history = [];
    await setImage('v2');
    await untilImages('v2,v2,v2');
    assert.deepEqual(history.slice(0, 2), ['-web-2', '-web-1']);
  });

  test('waits for the user under OnDelete', async () => {
    await create({ updateStrategy: { type: 'OnDelete' } });
    await untilReady(3);
    await setImage('v2');
    await world.until('a revision', async () => (await revisions()).length === 2);
    await world.client.delete(podKind, { name: 'web-1', namespace: 'shop' });
    await untilImages('v1,v2,v1');
  });
});

describe('ControllerRevisions', () => {
  test('keep the past templates; going back makes the old one the newest', async () => {
    await create();
    await untilReady(3);
    await setImage('v2');
    await untilImages('v2,v2,v2');
    const [first] = await revisions();
    await setImage('v1');
    await untilImages('v1,v1,v1');
    await untilReady(3);
    const all = await revisions();
    assert.deepEqual(
      all.map(({ revision }) => revision),
      [2, 3],
    );
    assert.equal(all.at(-1)?.metadata.name, first?.metadata.name);
    assert.equal((await status()).updateRevision, first?.metadata.name);
  });

  test('are no more than revisionHistoryLimit, beside those in use', async () => {
    await create({ revisionHistoryLimit: 1, replicas: 1 });
    await untilReady(1);
    for (const image of ['v2', 'v3', 'v4']) {
      await setImage(image);
      await untilImages(image);
      await untilReady(1);
    }
    await world.until('two', async () => (await revisions()).length === 2);
    assert.deepEqual(
      (await revisions()).map(({ revision }) => revision),
      [3, 4],
    );
  });
});

test('claims become volumes that go with their pods, and an Event says so', async () => {
  const claim = { metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce' as const] } };
  await create({ replicas: 1, volumeClaimTemplates: [claim] });
  await untilReady(1);
  assert.deepEqual((await pods())[0]?.spec.volumes, [{ name: 'data', emptyDir: {} }]);
  assert.match((await world.events()).join('\n'), /^StorageNotProvisioned: .* data: no storage/m);
});

test('adopts a pod that has one of its names, no other', async () => {
  for (const name of ['web-0', 'web-x']) {
    await world.client.create(podKind, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: 'shop', labels: { app: 'web' } },
      spec: { containers: [{ name: 'web', image: 'v1' }] },
    });
  }
  await create({ replicas: 1, updateStrategy: { type: 'OnDelete' } });
  await world.until('adopted', async () => (await status()).readyReplicas === 1);
  const owners = (await pods()).map(({ metadata }) => metadata.ownerReferences?.length ?? 0);
  assert.deepEqual(owners, [1, 0]);
});
