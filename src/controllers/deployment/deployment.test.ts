import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import {
  conditionOf,
  deploymentKind,
  podKind,
  replicaSetKind,
  type Deployment,
  type DeploymentSpec,
  type Pod,
  type ReplicaSet,
} from '../../kube/index.ts';
import { startReplicaSetController } from '../replicaset.ts';
import { createControllerWorld, type ControllerWorld } from '../testing/context.ts';
import { fakeKubelet, type Health } from '../testing/fake-kubelet.ts';
import { startDeploymentController } from './deployment.ts';

let world: ControllerWorld;
/** Containers of this image never get ready. */
let brokenImage = '';
const isHealthy: Health = (pod) => imageOf(pod) !== brokenImage;

beforeEach(() => {
  brokenImage = '';
  world = createControllerWorld();
  world.start(startDeploymentController, startReplicaSetController, fakeKubelet(isHealthy));
});
afterEach(async () => {
  const { errors } = world;
  await world.close();
  assert.deepEqual(errors, []);
});

const ref = { name: 'web', namespace: 'shop' };

function imageOf(object: Pod | { spec: Pod['spec'] }): string {
  return object.spec.containers[0]?.image ?? '';
}

function deployment(spec: Partial<DeploymentSpec> = {}): Deployment {
  const labels = { app: 'web' };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { ...ref, annotations: { 'kubernetes.io/change-cause': 'first' } },
    spec: {
      replicas: 3,
      progressDeadlineSeconds: 600,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'v1' }] } },
      ...spec,
    },
  };
}

function get(): Promise<Deployment> {
  return world.client.get(deploymentKind, ref);
}

async function change(body: unknown): Promise<void> {
  await world.client.patch(deploymentKind, ref, { type: 'merge', body });
}

function setImage(image: string, cause = image): Promise<void> {
  const template = { spec: { containers: [{ name: 'web', image }] } };
  const annotations = { 'kubernetes.io/change-cause': cause };
  return change({ metadata: { annotations }, spec: { template } });
}

async function sets(): Promise<ReplicaSet[]> {
  return (await world.client.list(replicaSetKind)).items;
}

async function setOf(image: string): Promise<ReplicaSet | undefined> {
  return (await sets()).find(({ spec }) => imageOf(spec.template) === image);
}

async function pods(): Promise<Pod[]> {
  return (await world.client.list(podKind)).items;
}

/** What `kubectl rollout status` waits for. */
async function isRolledOut(): Promise<boolean> {
  const { metadata, spec, status } = await get();
  const { replicas = 1 } = spec;
  return (
    status?.observedGeneration === metadata.generation &&
    status?.updatedReplicas === replicas &&
    status.replicas === replicas &&
    status.availableReplicas === replicas
  );
}

test('a new Deployment is one ReplicaSet with its hash, and says that it is done', async () => {
  await world.client.create(deploymentKind, deployment());
  await world.until('rolled out', isRolledOut);
  const [set, ...others] = await sets();
  assert.deepEqual(others, []);
  const hash = set?.metadata.labels?.['pod-template-hash'];
  assert.equal(set?.metadata.name, `web-${hash}`);
  assert.match(hash ?? '', /^[bcdfghjklmnpqrstvwxz2456789]{5,10}$/);
  assert.equal(set?.spec.selector.matchLabels?.['pod-template-hash'], hash);
  assert.equal((await pods())[0]?.metadata.labels?.['pod-template-hash'], hash);
  const { metadata, status } = await get();
  assert.equal(metadata.annotations?.['deployment.kubernetes.io/revision'], '1');
  const progressing = conditionOf(status?.conditions, 'Progressing');
  assert.deepEqual(
    [progressing?.reason, progressing?.message],
    ['NewReplicaSetAvailable', `ReplicaSet "web-${hash}" has successfully progressed.`],
  );
  assert.equal(conditionOf(status?.conditions, 'Available')?.reason, 'MinimumReplicasAvailable');
  assert.ok(
    (await world.events()).includes(
      `ScalingReplicaSet: Scaled up replica set web-${hash} from 0 to 3`,
    ),
  );
});

test('a rolling update never has too few available pods, nor too many at all', async () => {
  const strategy = {
    type: 'RollingUpdate',
    rollingUpdate: { maxSurge: 1, maxUnavailable: 0 },
  } as const;
  await world.client.create(deploymentKind, deployment({ replicas: 4, strategy }));
  await world.until('rolled out', isRolledOut);
  const seen: [number, number][] = [];
  world.informers.of(podKind).onChange(() => {
    const all = world.informers.of(podKind).list();
    const active = all.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
    seen.push([active.length, active.filter(({ status }) => status?.podIPs !== undefined).length]);
  });
  seen.length = 0;
  await setImage('v2');
  await world.until(
    'rolled out',
    async () => (await isRolledOut()) && (await setOf('v2')) !== undefined,
  );
  assert.ok(Math.max(...seen.map(([total]) => total)) <= 5, JSON.stringify(seen));
  assert.ok(Math.min(...seen.map(([, available]) => available)) >= 4, JSON.stringify(seen));
  assert.equal((await setOf('v1'))?.spec.replicas, 0);
});

test('an update whose pods do not start stops short, and says so after its deadline', async () => {
  await world.client.create(deploymentKind, deployment());
  await world.until('rolled out', isRolledOut);
  brokenImage = 'v2';
  await setImage('v2');
  await world.until('one new pod', async () => (await get()).status?.updatedReplicas === 1);
  assert.equal((await get()).status?.availableReplicas, 3);
  await world.clock.advance(601_000);
  await world.until('it says so', async () => {
    const condition = conditionOf((await get()).status?.conditions, 'Progressing');
    return condition?.reason === 'ProgressDeadlineExceeded' && condition.status === 'False';
  });
  brokenImage = '';
  await setImage('v1');
  await world.until('back', isRolledOut);
});

test('rolling back takes the old ReplicaSet again, as a new revision', async () => {
  await world.client.create(deploymentKind, deployment());
  await world.until('first', isRolledOut);
  const first = (await setOf('v1'))?.metadata.uid;
  await setImage('v2', 'second');
  await world.until(
    'second',
    async () => (await isRolledOut()) && (await setOf('v2')) !== undefined,
  );
  await setImage('v1', 'first');
  await world.until(
    'back',
    async () => (await isRolledOut()) && (await setOf('v1'))?.spec.replicas === 3,
  );
  const set = await setOf('v1');
  assert.equal(set?.metadata.uid, first);
  const { annotations = {} } = set?.metadata ?? {};
  assert.equal(annotations['deployment.kubernetes.io/revision'], '3');
  assert.equal(annotations['deployment.kubernetes.io/revision-history'], '1');
  assert.equal(annotations['kubernetes.io/change-cause'], 'first');
  assert.equal((await get()).metadata.annotations?.['deployment.kubernetes.io/revision'], '3');
});

test('keeps as many old ReplicaSets as the history limit says', async () => {
  await world.client.create(deploymentKind, deployment({ revisionHistoryLimit: 1, replicas: 1 }));
  await world.until('v1', isRolledOut);
  for (const image of ['v2', 'v3', 'v4']) {
    await world.clock.advance(1000);
    await setImage(image);
    await world.until(
      image,
      async () => (await isRolledOut()) && (await setOf(image)) !== undefined,
    );
  }
  await world.until('two sets', async () => (await sets()).length === 2);
  const left = (await sets()).map(({ spec }) => imageOf(spec.template));
  assert.deepEqual(left.sort(), ['v3', 'v4']);
});

test('a paused Deployment does not roll out, but scales', async () => {
  await world.client.create(deploymentKind, deployment());
  await world.until('rolled out', isRolledOut);
  await change({ spec: { paused: true } });
  await setImage('v2');
  await change({ spec: { replicas: 5 } });
  await world.until(
    'five old pods',
    async () => (await setOf('v1'))?.status?.availableReplicas === 5,
  );
  assert.equal(await setOf('v2'), undefined);
  const progressing = conditionOf((await get()).status?.conditions, 'Progressing');
  assert.equal(progressing?.reason, 'DeploymentPaused');
  await change({ spec: { paused: false } });
  await world.until(
    'rolled out',
    async () => (await isRolledOut()) && (await setOf('v2')) !== undefined,
  );
});

test('Recreate waits until the last old pod is gone', async () => {
  await world.client.create(deploymentKind, deployment({ strategy: { type: 'Recreate' } }));
  await world.until('rolled out', isRolledOut);
  let mixed = 0;
  world.informers.of(podKind).onChange(() => {
    const images = new Set(world.informers.of(podKind).list().map(imageOf));
    if (images.size > 1) mixed += 1;
  });
  await setImage('v2');
  await world.until(
    'rolled out',
    async () => (await isRolledOut()) && (await setOf('v2')) !== undefined,
  );
  assert.equal(mixed, 0);
});

test('scaling in the middle of a rollout is shared in proportion', async () => {
  const strategy = {
    type: 'RollingUpdate',
    rollingUpdate: { maxSurge: 3, maxUnavailable: 2 },
  } as const;
  await world.client.create(deploymentKind, deployment({ replicas: 10, strategy }));
  await world.until('rolled out', isRolledOut);
  brokenImage = 'v2';
  await setImage('v2');
  const sizes = async () => [
    (await setOf('v1'))?.spec.replicas,
    (await setOf('v2'))?.spec.replicas,
  ];
  await world.until('stuck at 8 and 5', async () => (await sizes()).join() === '8,5');
  await change({ spec: { replicas: 15 } });
  // The figures of the Kubernetes documentation on proportional scaling.
  await world.until('shared', async () => (await sizes()).join() === '11,7');
});

test('adopts a ReplicaSet that it selects and whose template is its own', async () => {
  const { spec } = deployment();
  await world.client.create(replicaSetKind, {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name: 'by-hand', namespace: 'shop', labels: { app: 'web' } },
    spec: { replicas: 1, selector: spec.selector, template: spec.template },
  });
  await world.client.create(deploymentKind, deployment());
  await world.until('rolled out', isRolledOut);
  assert.deepEqual(
    (await sets()).map(({ metadata }) => metadata.name),
    ['by-hand'],
  );
});
