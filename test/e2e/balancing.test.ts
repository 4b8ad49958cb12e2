// What users set about Services that every node's kernel has to follow live.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { TestCluster, until } from './harness.ts';

const cluster = new TestCluster();

/** The node of the pod that answers, asked from node1. */
async function answeringNode(ip: string): Promise<string | undefined> {
  const curl = ['curl', '-s', '-m', '2', `http://${ip}/`];
  const { code, stdout } = await cluster.tryPortolan('exec', 'node1', '--', ...curl);
  return code === 0 ? (JSON.parse(stdout) as { node: string }).node : undefined;
}

describe('Services', () => {
  before(async () => {
    await cluster.start('--service-balancing', 'round-robin');
    await cluster.kubectl('create', 'deploy', 'web', '--image=web', '--replicas=3');
    await cluster.kubectl('expose', 'deploy', 'web', '--port=80');
    await cluster.kubectl('rollout', 'status', 'deploy/web', '--timeout=60s');
  });
  after(() => cluster.close());

  test('take turns under --service-balancing round-robin', async () => {
    const ip = await cluster.kubectl('get', 'service', 'web', '-o', 'jsonpath={.spec.clusterIP}');
    const seen: (string | undefined)[] = [];
    for (let turn = 0; turn < 6; turn += 1) seen.push(await answeringNode(ip));
    assert.equal(new Set(seen.slice(0, 3)).size, 3);
    assert.deepEqual(seen.slice(3), seen.slice(0, 3));
  });

  test('get addresses of a ServiceCIDR that is added, and stay in their zone', async () => {
    const input = `
apiVersion: networking.k8s.io/v1
kind: ServiceCIDR
metadata: { name: more }
spec: { cidrs: [10.200.0.0/24] }
---
apiVersion: v1
kind: Service
metadata: { name: near }
spec: { clusterIP: 10.200.0.77, selector: { app: web }, ports: [{ port: 80 }], trafficDistribution: PreferSameZone }
`;
    await cluster.ok('kubectl', ['apply', '-f', '-'], { input });
    await until('an answer', () => answeringNode('10.200.0.77'));
    await cluster.kubectl('label', 'node', 'node1', 'topology.kubernetes.io/zone=a');
    await cluster.kubectl('label', 'node', 'node2', 'node3', 'topology.kubernetes.io/zone=b');
    await until('three answers from the own zone in a row', async () => {
      const answers = [1, 2, 3].map(() => answeringNode('10.200.0.77'));
      const nodes = await Promise.all(answers);
      return nodes.every((node) => node === 'node1') ? true : undefined;
    });
  });
});
