// What Services promise to their clients: who a pod sees, and which pod a client keeps.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { TestCluster, until } from './harness.ts';
import { manifest, pod, sleeper, webServer } from './manifests.ts';

const cluster = new TestCluster();
const { kubectl } = cluster;

/** Of a network that the outside world routes to (RFC 5737). */
const stranger = '203.0.113.9';
const ports = [{ port: 80, targetPort: 8080 }];
const selector = { tier: 'web' };
/** A client has a session with each port: all would hardly be the same again by chance. */
const many = Array.from({ length: 10 }, (_, index) => ({ port: 8000 + index }));

function service(name: string, spec: object): object {
  return { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec };
}

before(async () => {
  await cluster.start();
  const webs = ['node1', 'node2'].map((nodeName) =>
    pod(`web-${nodeName}`, { labels: selector, containers: [webServer], nodeName }),
  );
  await kubectl.apply(
    manifest(
      ...webs,
      pod('client', { containers: [sleeper], nodeName: 'node3' }),
      service('near', { type: 'LoadBalancer', externalTrafficPolicy: 'Local', selector, ports }),
      service('far', { type: 'LoadBalancer', selector, ports }),
      service('sticky', {
        sessionAffinity: 'ClientIP',
        selector,
        ports: many.map(({ port }) => ({ name: `at-${port}`, port, targetPort: 8080 })),
      }),
    ),
  );
  await kubectl.wait('pod', 'condition=Ready', '--all');
  const add = ['ip', 'address', 'add', `${stranger}/32`, 'dev', 'lo'];
  await cluster.portolan('exec', 'outside', '--', ...add);
});
after(() => cluster.close());

describe('a load balancer', () => {
  /** Whom the pod that answers saw, asked from the outside world at the stranger's address. */
  async function seenBy(name: string): Promise<string> {
    return until(`an answer of ${name}`, async () => {
      const path = '{.status.loadBalancer.ingress[0].ip}';
      const ip = await kubectl.read(path, 'service', name);
      if (ip === '') return undefined;
      const curl = ['curl', '-s', '-m', '5', '--interface', stranger, `http://${ip}/cgi-bin/who`];
      const { code, stdout } = await cluster.tryPortolan('exec', 'outside', '--', ...curl);
      return code === 0 ? stdout.replace(/^\[(?:::ffff:)?(.*)\]/, '$1') : undefined;
    });
  }

  test('row 21: with policy Local shows pods the address of who asks', async () => {
    assert.match(await seenBy('near'), /^203\.0\.113\.9 asked web-node[12]\n$/);
  });

  test('row 22: with policy Cluster shows them that of a node', async () => {
    assert.match(await seenBy('far'), /^(172\.18\.0|10\.244)\.\S+ asked web-node[12]\n$/);
  });
});

describe('a client with a session', () => {
  /** The pod of each port's session. */
  async function ask(): Promise<readonly string[]> {
    const ip = await kubectl.read('{.spec.clusterIP}', 'service', 'sticky');
    const urls = many.map(({ port }) => `http://${ip}:${port}/cgi-bin/who`);
    const script = urls.map((url) => `timeout 5 wget -qO- ${url}`).join('\n');
    const answers = await cluster.exec('client', 'sh', '-c', script);
    return answers.split('\n').map((line) => line.replace(/^.* asked /, ''));
  }

  async function killDaemon(): Promise<void> {
    const status = JSON.parse(await cluster.portolan('status', '-o', 'json')) as { pid: number };
    process.kill(status.pid, 'SIGKILL');
    await until('the death of the daemon', () => {
      try {
        const text = readFileSync(`/proc/${status.pid}/status`, 'utf8');
        return /^State:\s+Z/m.test(text) ? true : undefined;
      } catch {
        return true;
      }
    });
  }

  test('row 19: keeps its pod, although the daemon is killed and starts again', async () => {
    const first = await ask();
    assert.equal(first.length, many.length);
    for (let times = 0; times < 2; times += 1) {
      await killDaemon();
      await cluster.start();
      assert.deepEqual(await ask(), first);
    }
  });
});

test('row 30: every node translates segments outside the window', async () => {
  const file = '/proc/sys/net/netfilter/nf_conntrack_tcp_be_liberal';
  for (const node of ['node1', 'node2', 'node3']) {
    assert.equal(await cluster.portolan('exec', node, '--', 'cat', file), '1');
  }
});
