// Which node a pod goes to, and what makes it leave.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { TestCluster, untilMatch } from './harness.ts';
import { manifest, pod, sleeper } from './manifests.ts';

const cluster = new TestCluster();
const { kubectl } = cluster;

before(() => cluster.start());
after(() => cluster.close());

async function nodesOf(app: string): Promise<string[]> {
  const found = await kubectl.read('{.items[*].spec.nodeName}', 'pods', '-l', `app=${app}`);
  return found.split(' ').filter((node) => node !== '');
}

test('replicas spread over the nodes', async () => {
  await kubectl('create', 'deploy', 'spread', '--image=nginx', '--replicas=6');
  await kubectl('rollout', 'status', 'deploy/spread', '--timeout=60s');
  const nodes = await nodesOf('spread');
  assert.equal(nodes.sort().join(' '), 'node1 node1 node2 node2 node3 node3');
});

test('a nodeSelector waits for a node that has the label', async () => {
  const picky = pod('picky', { containers: [sleeper], nodeSelector: { disk: 'fast' } });
  await kubectl.apply(manifest(picky));
  await untilMatch(/^picky +0\/1 +Pending +0 /m, () => kubectl('get', 'pod', 'picky'));
  await untilMatch(
    /Warning +FailedScheduling .*0\/3 nodes are available: 3 node\(s\) didn't match Pod's node affinity\/selector\./,
    () => kubectl('describe', 'pod', 'picky'),
  );
  await kubectl('label', 'node', 'node3', 'disk=fast');
  await kubectl.wait('pod/picky', 'condition=Ready');
  assert.deepEqual(await nodesOf('picky'), ['node3']);
});

test('too much is never placed', async () => {
  const resources = { requests: { cpu: '10000' } };
  await kubectl.apply(manifest(pod('huge', { containers: [{ ...sleeper, resources }] })));
  await untilMatch(/0\/3 nodes are available: 3 Insufficient cpu\./, () =>
    kubectl('describe', 'pod', 'huge'),
  );
});

test('a taint keeps off who does not tolerate it', async () => {
  await kubectl('taint', 'nodes', 'node1', 'node2', 'dedicated=db:NoSchedule');
  const tolerations = [{ key: 'dedicated', operator: 'Equal', value: 'db', effect: 'NoSchedule' }];
  const onNode1 = { 'kubernetes.io/hostname': 'node1' };
  await kubectl.apply(
    manifest(
      pod('commoner', { containers: [sleeper] }),
      pod('outsider', { containers: [sleeper], nodeSelector: onNode1 }),
      pod('database', { containers: [sleeper], nodeSelector: onNode1, tolerations }),
    ),
  );
  await kubectl('wait', 'pod/commoner', 'pod/database', '--for=condition=Ready', '--timeout=60s');
  assert.deepEqual(await nodesOf('commoner'), ['node3']);
  assert.deepEqual(await nodesOf('database'), ['node1']);
  await untilMatch(/untolerated taint \{dedicated: db\}/, () =>
    kubectl('describe', 'pod', 'outsider'),
  );
  await kubectl('taint', 'nodes', 'node1', 'node2', 'dedicated-');
  await kubectl.wait('pod/outsider', 'condition=Ready');
});

test('a NoExecute taint ends who does not tolerate it, or tolerates it for a while', async () => {
  const everything = { operator: 'Exists', effect: 'NoExecute' };
  await kubectl.apply(
    manifest(
      pod('meek', { containers: [sleeper], nodeName: 'node3' }),
      pod('brief', {
        containers: [sleeper],
        nodeName: 'node3',
        tolerations: [{ ...everything, tolerationSeconds: 1 }],
      }),
      pod('tough', { containers: [sleeper], nodeName: 'node3', tolerations: [everything] }),
    ),
  );
  const all = ['pod/meek', 'pod/brief', 'pod/tough'];
  await kubectl('wait', ...all, '--for=condition=Ready', '--timeout=60s');
  await kubectl('taint', 'nodes', 'node3', 'broken=disk:NoExecute');
  await kubectl('wait', 'pod/meek', 'pod/brief', '--for=delete', '--timeout=60s');
  assert.equal(await kubectl.read('{.status.phase}', 'pod', 'tough'), 'Running');
  await kubectl('taint', 'nodes', 'node3', 'broken-');
  await kubectl('rollout', 'status', 'deploy/spread', '--timeout=60s');
});

test('cordon keeps new pods off, drain evicts the others, uncordon lets them come', async () => {
  assert.equal(await kubectl('cordon', 'node2'), 'node/node2 cordoned');
  assert.match(await kubectl('get', 'node', 'node2'), /^node2 +Ready,SchedulingDisabled /m);
  const flags = ['--ignore-daemonsets', '--delete-emptydir-data', '--force', '--timeout=60s'];
  const drained = await kubectl('drain', 'node2', ...flags);
  assert.match(drained, /^pod\/spread-\S+ evicted$/m);
  assert.match(drained, /^node\/node2 drained$/m);
  await kubectl('rollout', 'status', 'deploy/spread', '--timeout=60s');
  assert.ok(!(await nodesOf('spread')).includes('node2'));
  assert.equal(await kubectl('uncordon', 'node2'), 'node/node2 uncordoned');
  await kubectl('scale', 'deploy', 'spread', '--replicas=9');
  await kubectl('rollout', 'status', 'deploy/spread', '--timeout=60s');
  assert.ok((await nodesOf('spread')).includes('node2'));
});
