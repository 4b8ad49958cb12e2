import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { microTimestamp } from '../../clock/index.ts';
import {
  conditionOf,
  leaseKind,
  nodeKind,
  podKind,
  type Condition,
  type Node,
  type Pod,
  type Toleration,
} from '../../kube/index.ts';
import { createControllerWorld, type ControllerWorld } from '../testing/context.ts';
import { nodeObject, podObject, readyCondition } from '../testing/objects.ts';
import { startNodeLifecycle } from './node-lifecycle.ts';

const leaseNamespace = 'kube-node-lease';
const patient: Toleration = {
  key: 'node.kubernetes.io/unreachable',
  operator: 'Exists',
  effect: 'NoExecute',
  tolerationSeconds: 300,
};

let world: ControllerWorld;
beforeEach(() => {
  world = createControllerWorld();
});
afterEach(async () => {
  const { errors } = world;
  await world.close();
  assert.deepEqual(errors, []);
});

async function register(name = 'node1'): Promise<void> {
  await world.client.create(nodeKind, nodeObject(name));
  await world.client.create(leaseKind, {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name, namespace: leaseNamespace },
    spec: { holderIdentity: name, renewTime: microTimestamp(world.clock) },
  });
}

/** Starts, and resolves when the node is known. */
async function start(name = 'node1'): Promise<void> {
  world.start(startNodeLifecycle);
  const message = `RegisteredNode: Node ${name} event: Registered Node ${name} in Controller`;
  await world.until('the node is known', async () => (await world.events()).includes(message));
}

async function renew(name = 'node1'): Promise<void> {
  await world.client.patch(
    leaseKind,
    { name, namespace: leaseNamespace },
    { type: 'merge', body: { spec: { renewTime: microTimestamp(world.clock) } } },
  );
}

/** What the agent does when it comes back. */
async function reportReady(name = 'node1'): Promise<void> {
  const body = { status: { conditions: [readyCondition(true)] } };
  await world.client.patch(nodeKind, { name, subresource: 'status' }, { type: 'merge', body });
}

function getNode(name = 'node1'): Promise<Node> {
  return world.client.get(nodeKind, { name });
}

async function ready(): Promise<Condition | undefined> {
  return conditionOf((await getNode()).status?.conditions, 'Ready');
}

async function taints(): Promise<string> {
  const { spec } = await getNode();
  return (spec.taints ?? []).map(({ key, effect }) => `${key}:${effect}`).join(' ');
}

const unreachable =
  'node.kubernetes.io/unreachable:NoSchedule node.kubernetes.io/unreachable:NoExecute';

function tainted(expected: string): Promise<void> {
  return world.until(`taints: ${expected}`, async () => (await taints()) === expected);
}

async function runPod(name: string, tolerations: Toleration[] = []): Promise<Pod> {
  const spec = { nodeName: 'node1', tolerations };
  return world.client.create(podKind, podObject(name, { spec, ip: '10.244.0.1' }));
}

/** Names of the pods that are not told to go. */
async function staying(): Promise<string> {
  const { items } = await world.client.list(podKind);
  return items
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .map(({ metadata }) => metadata.name)
    .join();
}

describe('a node that falls silent', () => {
  test('is Unknown and tainted after 40 seconds', async () => {
    await register();
    await start();
    await world.clock.advance(39_999);
    assert.equal((await ready())?.status, 'True');
    await world.clock.advance(1);
    await tainted(unreachable);
    const { status, reason, message } = (await ready()) ?? {};
    assert.deepEqual(
      [status, reason, message],
      ['Unknown', 'NodeStatusUnknown', 'Kubelet stopped posting node status.'],
    );
    const never = conditionOf((await getNode()).status?.conditions, 'DiskPressure');
    assert.equal(never?.reason, 'NodeStatusNeverUpdated');
    await world.until('an Event', async () =>
      (await world.events()).includes('NodeNotReady: Node node1 status is now: NodeNotReady'),
    );
  });

  test('is left alone while its Lease changes, whatever time is written there', async () => {
    await register();
    await start();
    for (let beat = 0; beat < 12; beat += 1) {
      await world.clock.advance(10_000);
      await renew();
    }
    await world.clock.advance(39_999);
    assert.equal((await ready())?.status, 'True');
    assert.equal(await taints(), '');
  });

  test('has no stale Lease for a process that has just started', async () => {
    await register();
    await world.clock.advance(3_600_000);
    await start();
    await world.clock.advance(39_999);
    assert.equal((await ready())?.status, 'True');
  });

  test('is free of taints when it reports again', async () => {
    await register();
    await start();
    await world.clock.advance(40_000);
    await tainted(unreachable);
    await renew();
    await reportReady();
    await tainted('');
  });

  test('takes its pods out of Services', async () => {
    await register();
    await start();
    const { metadata } = await runPod('web', [patient]);
    await world.clock.advance(40_000);
    await world.until('the pod is not ready', async () => {
      const pod = await world.client.get(podKind, { name: metadata.name, namespace: 'shop' });
      return conditionOf(pod.status?.conditions, 'Ready')?.status === 'False';
    });
    await world.until('an Event', async () =>
      (await world.events()).includes('NodeNotReady: Node is not ready'),
    );
  });

  test('that has never said anything has a minute', async () => {
    await world.client.create(nodeKind, nodeObject('node1', { status: {} }));
    await start();
    await world.clock.advance(59_999);
    assert.equal(await ready(), undefined);
    await world.clock.advance(1);
    await tainted(unreachable);
    assert.equal((await ready())?.reason, 'NodeStatusNeverUpdated');
  });
});

describe('pods of a lost node', () => {
  test('leave after the time that they tolerate', async () => {
    await register();
    await runPod('patient', [patient]);
    await runPod('faithful', [{ operator: 'Exists' }]);
    await runPod('hasty');
    await start();
    await world.clock.advance(40_000);
    await world.until('hasty goes', async () => (await staying()) === 'faithful,patient');
    await world.clock.advance(299_999);
    assert.equal(await staying(), 'faithful,patient');
    await world.clock.advance(1);
    await world.until('patient goes', async () => (await staying()) === 'faithful');
    const messages = (await world.events()).filter((text) => text.startsWith('TaintManager'));
    assert.deepEqual(messages, [
      'TaintManagerEviction: Marking for deletion Pod shop/hasty',
      'TaintManagerEviction: Marking for deletion Pod shop/patient',
    ]);
  });

  test('stay when it comes back in time', async () => {
    await register();
    await runPod('patient', [patient]);
    await start();
    await world.clock.advance(40_000);
    await tainted(unreachable);
    await world.clock.advance(200_000);
    await renew();
    await reportReady();
    const spared = 'TaintManagerEviction: Cancelling deletion of Pod shop/patient';
    await world.until('spared', async () => (await world.events()).includes(spared));
    await world.clock.advance(30_000);
    await renew();
    await world.clock.advance(30_000);
    assert.equal(await staying(), 'patient');
  });

  test('say why they were deleted', async () => {
    await register();
    await runPod('hasty');
    await start();
    await world.clock.advance(40_000);
    await world.until('hasty goes', async () => (await staying()) === '');
    const pod = await world.client.get(podKind, { name: 'hasty', namespace: 'shop' });
    const condition = conditionOf(pod.status?.conditions, 'DisruptionTarget');
    assert.equal(condition?.reason, 'DeletionByTaintManager');
    assert.equal(pod.metadata.deletionGracePeriodSeconds, 30);
  });

  test('also leave for a taint of the user, and come no more', async () => {
    await register();
    await runPod('web');
    await start();
    const body = { spec: { taints: [{ key: 'gpu', value: 'broken', effect: 'NoExecute' }] } };
    await world.client.patch(nodeKind, { name: 'node1' }, { type: 'merge', body });
    await world.until('web goes', async () => (await staying()) === '');
    await runPod('late');
    await world.until('late goes', async () => (await staying()) === '');
  });
});

describe('pods of a node that is no more', () => {
  const none = async () => (await world.client.list(podKind)).items.length === 0;

  test('are removed at once when the node was deleted', async () => {
    await register();
    await runPod('web', [{ operator: 'Exists' }]);
    await start();
    await world.client.delete(nodeKind, { name: 'node1' });
    await world.until('no pods', none);
    assert.ok(
      (await world.events()).includes(
        'RemovingNode: Node node1 event: Removing Node node1 from Controller',
      ),
    );
  });

  test('have 40 seconds when it was never seen', async () => {
    await register('node2');
    await runPod('web');
    await start('node2');
    await world.clock.advance(39_999);
    assert.equal(await none(), false);
    await world.clock.advance(1);
    await world.until('no pods', none);
  });

  test('stay when it registers meanwhile', async () => {
    await register('node2');
    await runPod('web');
    await start('node2');
    await world.clock.advance(30_000);
    await register('node1');
    await renew('node2');
    await world.clock.advance(30_000);
    assert.equal(await staying(), 'web');
  });
});

test('cordon is a taint too', async () => {
  await register();
  await start();
  const setUnschedulable = (unschedulable: boolean) =>
    world.client.patch(
      nodeKind,
      { name: 'node1' },
      { type: 'merge', body: { spec: { unschedulable } } },
    );
  await setUnschedulable(true);
  await tainted('node.kubernetes.io/unschedulable:NoSchedule');
  await setUnschedulable(false);
  await tainted('');
});

test('many nodes and pods share one timer', async () => {
  for (const name of ['node1', 'node2', 'node3']) await register(name);
  for (const name of ['a', 'b', 'c']) await runPod(name, [patient]);
  await start('node3');
  assert.equal(world.clock.pending, 1);
  await world.clock.advance(30_000);
  await renew('node2');
  await world.clock.advance(10_000);
  await tainted(unreachable);
  assert.equal(world.clock.pending, 1);
});
