// The commands of a course with kubectl 1.20, whose streams are SPDY and whose validation reads OpenAPI v2.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { oldKubectl, TestCluster, untilMatch } from './harness.ts';
import { createKubectl } from './kubectl.ts';
import { prepareStreaming, testStreaming } from './streaming-suite.ts';

const cluster = new TestCluster();
const kubectl = createKubectl(cluster, oldKubectl ?? 'kubectl');
const skip = oldKubectl === undefined && 'no old kubectl: set PORTOLAN_KUBECTL_OLD';

before(async () => {
  if (skip !== false) return;
  await cluster.start();
  await prepareStreaming(cluster);
});
after(() => cluster.close());

describe('kubectl 1.20', { skip }, () => {
  test('is that old, and knows which cluster it talks to', async () => {
    const versions = await kubectl('version', '--short');
    assert.match(versions, /^Client Version: v1\.20\.\d+$/m);
    assert.match(versions, /^Server Version: v1\.3\d\.\d+/m);
  });

  test('creates, exposes and shows a Deployment', async () => {
    await kubectl('create', 'deploy', 'site', '--image=nginx:latest', '--replicas=2');
    await kubectl('expose', 'deploy', 'site', '--port=80');
    const status = await kubectl('rollout', 'status', 'deploy/site', '--timeout=60s');
    assert.match(status, /deployment "site" successfully rolled out$/);
    assert.match(
      await kubectl('get', 'deploy,rs', '-l', 'app=site'),
      /^NAME +READY +UP-TO-DATE +AVAILABLE +AGE\ndeployment.apps\/site +2\/2 +2 +2 +\d+s\n\nNAME +DESIRED +CURRENT +READY +AGE\nreplicaset.apps\/site-[a-z0-9]+ +2 +2 +2 +\d+s$/,
    );
    assert.match(
      await kubectl('get', 'pods', '-l', 'app=site', '-o', 'wide'),
      /^NAME +READY +STATUS +RESTARTS +AGE +IP +NODE +NOMINATED NODE +READINESS GATES\nsite-\S+ +1\/1 +Running +0 +\d+s +10\.244\.\d+\.\d+ +node\d +<none> +<none>\n/,
    );
    assert.match(
      await kubectl('get', 'endpoints', 'site'),
      /^site +10\.244\.\d+\.\d+:80,10\.244\.\d+\.\d+:80 +\d+s$/m,
    );
    assert.match(
      await kubectl('get', 'events'),
      /Scheduled .*Successfully assigned default\/site-/,
    );
  });

  test('describes a Service, a Pod, a Deployment and a Node', async () => {
    const service = await kubectl('describe', 'service', 'site');
    assert.match(service, /^IPs: +10\.\d+\.\d+\.\d+$/m);
    assert.match(service, /^Endpoints: +10\.244\.\d+\.\d+:80,10\.244\.\d+\.\d+:80$/m);
    const pod = await kubectl('describe', 'pod', 'web');
    assert.match(pod, /^QoS Class: +BestEffort$/m);
    assert.match(pod, /Normal +Scheduled .* Successfully assigned default\/web to node\d$/m);
    const deployment = await kubectl('describe', 'deploy', 'site');
    assert.match(deployment, /^Replicas: +2 desired \| 2 updated \| 2 total \| 2 available/m);
    assert.match(deployment, /^RollingUpdateStrategy: +25% max unavailable, 25% max surge$/m);
    assert.match(await kubectl('describe', 'node', 'node1'), /^PodCIDR: +10\.244\.0\.0\/24$/m);
  });

  test('applies, edits, patches, labels, scales and rolls back', async () => {
    const manifest = (color: string): string =>
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'paint' },
        data: { color },
      });
    assert.equal(await kubectl.apply(manifest('red')), 'configmap/paint created');
    assert.equal(await kubectl.apply(manifest('red')), 'configmap/paint unchanged');
    assert.equal(await kubectl.apply(manifest('blue')), 'configmap/paint configured');
    const { stdout } = await kubectl.run(['edit', 'configmap', 'paint'], {
      env: { KUBE_EDITOR: 'sed -i s/blue/green/' },
    });
    assert.equal(stdout, 'configmap/paint edited\n');
    assert.equal(await kubectl.read('{.data.color}', 'configmap', 'paint'), 'green');
    await kubectl('patch', 'configmap', 'paint', '-p', '{"data":{"color":"grey"}}');
    await kubectl('label', 'configmap', 'paint', 'kind=wall');
    assert.equal(await kubectl.read('{.items[*].data.color}', 'cm', '-l', 'kind=wall'), 'grey');
  });

  test('rolls out, shows the history and rolls back', async () => {
    await kubectl('set', 'image', 'deploy/site', 'nginx=nginx:1.27');
    await kubectl('scale', 'deploy', 'site', '--replicas=3');
    await kubectl('rollout', 'status', 'deploy/site', '--timeout=60s');
    assert.match(await kubectl('rollout', 'history', 'deploy/site'), /^1 .*\n2 /m);
    assert.match(await kubectl('rollout', 'undo', 'deploy/site'), /rolled back$/);
    await untilMatch(/^nginx:latest$/, () =>
      kubectl.read('{.spec.template.spec.containers[0].image}', 'deploy', 'site'),
    );
  });

  test('validates against OpenAPI v2 before it sends anything', async () => {
    const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'typo' } };
    assert.equal(
      await kubectl.applyFails(JSON.stringify({ ...service, spec: { selectr: { app: 'x' } } })),
      'error: error validating "STDIN": error validating data: ValidationError(Service.spec): unknown field "selectr" in io.k8s.api.core.v1.ServiceSpec; if you choose to ignore these errors, turn validation off with --validate=false',
    );
    assert.match(
      await kubectl('explain', 'service.spec.clusterIP'),
      /^FIELD: +clusterIP <string>$/m,
    );
  });

  testStreaming(cluster, kubectl);
});
