// The same Ingresses answered by the machine's HAProxy, which a cluster's start chooses.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { TestCluster, untilMatch } from './harness.ts';
import { IngressClient } from './ingress-client.ts';

const hasHaproxy = process.env['PORTOLAN_HAPROXY'] !== undefined;
const skip = hasHaproxy ? false : 'there is no haproxy: set-up unpacks one and names it';

const cluster = new TestCluster();
const { kubectl } = cluster;
const client = new IngressClient(cluster);
let at = '';

after(() => cluster.close());

describe('--ingress-engine haproxy', { skip }, () => {
  before(async () => {
    await cluster.start('--addons', 'ingress', '--ingress-engine', 'haproxy');
    await kubectl('create', 'deploy', 'web', '--image=web', '--replicas=2');
    await kubectl('expose', 'deploy', 'web', '--port=80');
    await kubectl('create', 'ingress', 'web', '--rule=web.test/*=web:80');
    await kubectl('rollout', 'status', 'deploy/web', '--timeout=60s');
    at = await client.address('web');
    await client.awaitStatus(200, at, 'http://web.test/');
  });

  test('answers what it can itself, and hands over what it cannot', async () => {
    const rewrite = 'nginx.ingress.kubernetes.io/rewrite-target=/inside';
    await kubectl(
      'create',
      'ingress',
      'inside',
      '--rule=inside.test/*=web:80',
      '--annotation',
      rewrite,
    );
    await client.awaitStatus(200, at, 'http://inside.test/');
    await untilMatch(
      /default\/web:rules\[0\].*FORWARDED[^]*default\/inside:rules\[0\].*FORWARDED/u,
      () => kubectl('logs', '-n', 'ingress-nginx', 'deploy/ingress-nginx-controller'),
    );
  });

  test('a running cluster keeps its engine', async () => {
    const { code, stderr } = await cluster.tryPortolan('start', '--ingress-engine', 'node');
    assert.equal(code, 1);
    assert.match(stderr, /runs with --ingress-engine haproxy/);
  });
});
