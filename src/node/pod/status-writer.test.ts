import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { startTestServer, type TestServer } from '../../apiserver/testing/api-server.ts';
import { podKind, serviceAccountKind, type Pod, type PodStatus } from '../../kube/index.ts';
import { StatusWriter } from './status-writer.ts';

let server: TestServer;
let pod: Pod;
const ref = { name: 'web', namespace: 'default' };

async function create(): Promise<Pod> {
  return server.client.create(podKind, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...ref },
    spec: {
      nodeName: 'node1',
      automountServiceAccountToken: false,
      containers: [{ name: 'main', image: 'busybox' }],
    },
  });
}

beforeEach(async () => {
  server = await startTestServer();
  const metadata = { name: 'default', namespace: 'default' };
  await server.client.create(serviceAccountKind, {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata,
  });
  pod = await create();
});
afterEach(() => server.close());

/** A status with the conditions that are there and one of the node's own. */
function running({ status }: Pod): PodStatus {
  const others = (status?.conditions ?? []).filter(({ type }) => type !== 'Ready');
  const ready = { type: 'Ready', status: 'True' as const, lastProbeTime: null };
  return { ...status, phase: 'Running', conditions: [ready, ...others], hostIP: undefined };
}

test('writes once, however often it is asked and whatever the API makes of it', async () => {
  const writer = new StatusWriter(server.client);
  const first = await writer.write(() => pod, running);
  assert.equal(first?.status?.phase, 'Running');
  const again = await writer.write(() => first ?? pod, running);
  assert.equal(again?.metadata.resourceVersion, first?.metadata.resourceVersion);
});

test('a condition that somebody else wrote meanwhile is kept', async () => {
  const gate = { type: 'gate', status: 'True' as const };
  await server.client.patch(
    podKind,
    { ...ref, subresource: 'status' },
    { type: 'merge', body: { status: { conditions: [gate] } } },
  );
  const answer = await new StatusWriter(server.client).write(() => pod, running);
  const types = answer?.status?.conditions?.map(({ type }) => type);
  assert.deepEqual(types, ['Ready', 'gate']);
});

test('of two at a time the second sees the first', async () => {
  const writer = new StatusWriter(server.client);
  let known = pod;
  const write = async (reason: string): Promise<void> => {
    const compute = (now: Pod): PodStatus => ({ ...now.status, reason });
    known = (await writer.write(() => known, compute)) ?? known;
  };
  await Promise.all([write('one'), write('two')]);
  assert.equal((await server.client.get(podKind, ref)).status?.reason, 'two');
});

test('a pod that is gone, or another one of its name, is nobody to tell', async () => {
  const writer = new StatusWriter(server.client);
  await server.client.delete(podKind, ref, { gracePeriodSeconds: 0 });
  assert.equal(await writer.write(() => pod, running), undefined);
  const other = await create();
  assert.equal(await writer.write(() => pod, running), undefined);
  const stored = await server.client.get(podKind, ref);
  assert.equal(stored.metadata.resourceVersion, other.metadata.resourceVersion);
});
