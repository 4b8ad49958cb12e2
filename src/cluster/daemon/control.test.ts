import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { places, type ClusterDirectories } from '../directories.ts';
import { fault, TestHome } from '../testing/home.ts';
import { askDaemon, daemonStatus, listenForControl, type ControlHandlers } from './control.ts';
import type { DaemonStatus } from './messages.ts';

const status: DaemonStatus = {
  name: 'portolan',
  version: 'v1',
  pid: 1,
  apiServer: 'https://127.0.0.1:6443',
  images: 'auto',
  cni: { name: 'portolan', policyEnforcement: true },
  nodes: [],
  pods: { total: 0, ready: 0 },
  standIns: [],
  ports: [],
  problems: [],
};

async function withDaemon(
  handlers: Partial<ControlHandlers>,
  body: (cluster: ClusterDirectories) => Promise<void>,
): Promise<void> {
  using home = new TestHome();
  const cluster = home.cluster();
  mkdirSync(cluster.run, { recursive: true, mode: 0o700 });
  const server = await listenForControl(cluster, {
    status: () => status,
    stop: async () => {},
    afterStop: () => {},
    flows: () => undefined,
    provePolicies: async () => [],
    ...handlers,
  });
  try {
    await body(cluster);
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

test('answers with the status', () =>
  withDaemon({}, async (cluster) => assert.deepEqual(await daemonStatus(cluster), status)));

test('answers a stop when it is done, then is told that the answer is sent', async () => {
  const order: string[] = [];
  const told = new Promise<void>((afterStop) => {
    void withDaemon(
      { stop: async () => void order.push('stopped'), afterStop },
      async (cluster) => {
        await askDaemon(cluster, 'POST', '/stop');
        order.push('answered');
      },
    );
  });
  await told;
  assert.equal(order[0], 'stopped');
});

test('refusals carry the words of the daemon', async () => {
  const stop = (): Promise<void> => Promise.reject(new Error('a pod will not end'));
  await withDaemon({ stop }, async (cluster) => {
    const refused = { ...fault('DAEMON_REFUSED'), message: 'a pod will not end' };
    await assert.rejects(askDaemon(cluster, 'POST', '/stop'), refused);
    await assert.rejects(askDaemon(cluster, 'GET', '/tea'), /does not know GET \/tea/);
  });
});

test('a hung daemon is given up', () =>
  withDaemon({ status: () => new Promise(() => {}) }, (cluster) =>
    assert.rejects(daemonStatus(cluster, 20), fault('DAEMON_SILENT')),
  ));

test('nobody there is not running', async () => {
  using home = new TestHome();
  await assert.rejects(daemonStatus(home.cluster()), fault('CLUSTER_NOT_RUNNING'));
});

test('a socket that a dead daemon left is replaced', async () => {
  using home = new TestHome();
  const cluster = home.cluster();
  mkdirSync(cluster.run, { recursive: true });
  const stale = createServer();
  stale.listen(places.socket(cluster));
  await once(stale, 'listening');
  const server = await listenForControl(cluster, {
    status: () => status,
    stop: async () => {},
    afterStop: () => {},
    flows: () => undefined,
    provePolicies: async () => [],
  });
  assert.equal(statSync(places.socket(cluster)).isSocket(), true);
  assert.equal((await daemonStatus(cluster)).pid, 1);
  server.close();
  server.closeAllConnections();
  stale.close();
});
