import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { formatAddress, requireAddress } from '../../ip/index.ts';
import { createKernel } from '../../kernel/index.ts';
import { fault, TestHome } from '../testing/home.ts';
import { explainConnection } from './explain-connection.ts';
import { gather } from './gather.ts';
import { parseSockets, readListeners } from './listeners.ts';
import { askMatrix, askPolicies, askSelection } from './matrix.ts';
import { probeTcp, probeUdp } from './probe.ts';

const shop = `apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec: {containers: [{name: web, image: web, ports: [{containerPort: 80}]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: client, labels: {app: client}}
spec: {containers: [{name: client, image: client}]}
`;

const isolation = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web}
spec:
  podSelector: {matchLabels: {app: web}}
`;

function put(home: TestHome, name: string, text: string): string {
  const path = join(home.path, name);
  writeFileSync(path, text);
  return path;
}

/** The manifests of a home as a source. */
function sourceIn(home: TestHome, text: string, change?: string) {
  return {
    directories: home.cluster(),
    files: [put(home, 'shop.yaml', text)],
    ...(change === undefined ? {} : { changes: [put(home, 'change.yaml', change)] }),
  };
}

describe('manifests', () => {
  test('are explained without a cluster, with the lines that decide', async () => {
    using home = new TestHome();
    const source = sourceIn(home, `${shop}---\n${isolation}`);
    const story = await explainConnection({ ...source, from: 'pod/client', to: 'pod/web' });
    assert.equal(story.admits, false);
    const ingress = story.paths[0]?.hops.find(({ step }) => step === 'ingress');
    assert.equal(ingress?.source, `${home.path}/shop.yaml:15`);
  });

  test('are taken as applied on top', async () => {
    using home = new TestHome();
    const source = sourceIn(home, shop, isolation);
    const question = { from: 'pod/client', to: 'pod/web' };
    const without = { directories: source.directories, files: source.files };
    assert.equal((await explainConnection({ ...without, ...question })).admits, true);
    assert.equal((await explainConnection({ ...source, ...question })).admits, false);
    const { changes } = await askMatrix(source);
    assert.deepEqual(
      changes?.map(({ from, to, after }) => [from, to, after]),
      [
        ['default/client', 'default/web', false],
        ['outside', 'default/web', false],
      ],
    );
  });

  test('that the API would refuse, and kinds that nobody knows, are left out and told', async () => {
    using home = new TestHome();
    const bad = `${shop}---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: bad}
spec:
  podSelector: {}
  ingress: [{ports: [{port: 99999}]}]
---
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: app}
spec: {}
`;
    const { known, notes } = await gather(sourceIn(home, bad));
    assert.equal(known.objects.length, 2);
    assert.match(
      notes[0] ?? '',
      /shop\.yaml:11: NetworkPolicy bad: left out, .*spec\.ingress\[0\]\.ports\[0\]\.port: Invalid value: 99999/,
    );
    assert.match(notes[1] ?? '', /shop\.yaml:18: Application app: passed over/);
  });

  test('say which policies hit a pod and which pods a policy selects', async () => {
    using home = new TestHome();
    const source = sourceIn(home, shop, isolation);
    assert.deepEqual(
      (await askPolicies(source, 'web')).map(({ isolated }) => isolated),
      [['ingress']],
    );
    assert.deepEqual((await askSelection(source, 'web')).pods, ['default/web']);
  });

  test('a matrix without pods says so', async () => {
    using home = new TestHome();
    const empty = put(
      home,
      'empty.yaml',
      'apiVersion: v1\nkind: Namespace\nmetadata: {name: empty}\n',
    );
    const source = { directories: sourceIn(home, shop).directories, files: [empty] };
    assert.deepEqual((await askMatrix({ ...source, namespace: 'empty' })).notes, [
      'there is no pod in namespace empty',
    ]);
  });

  test('a matrix is compared with a saved one', async () => {
    using home = new TestHome();
    const saved = put(
      home,
      'matrix.json',
      JSON.stringify((await askMatrix(sourceIn(home, shop))).matrix),
    );
    const later = sourceIn(home, `${shop}---\n${isolation}`);
    const { changes } = await askMatrix({ ...later, comparedWith: saved });
    assert.equal(changes?.length, 2);
    await assert.rejects(
      askMatrix({ ...later, comparedWith: join(home.path, 'none') }),
      fault('MATRIX_UNREADABLE'),
    );
  });

  test('are nothing to send real connections in', async () => {
    using home = new TestHome();
    const request = { ...sourceIn(home, shop), from: 'pod/client', to: 'pod/web', isLive: true };
    await assert.rejects(explainConnection(request), fault('NOT_LIVE'));
  });
});

test('a cluster that never was is told as such', async () => {
  using home = new TestHome();
  await assert.rejects(gather({ directories: home.cluster() }), fault('NEVER_STARTED'));
});

test('waiting sockets are read from /proc/net, words in the byte order of the machine', () => {
  const tcp = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0
   1: 0300F40A:0050 0200F40A:9C40 01 00000000:00000000 00:00000000 00000000     0        0 2 1 0 20 4 30 10 -1
`;
  const tcp6 = `  sl  local_address                         remote_address                        st
   0: 00000000000000000000000000000000:0050 00000000000000000000000000000000:0000 0A 0
   1: 000000FD000044A20000000003000000:1538 00000000000000000000000000000000:0000 0A 0
`;
  const shown = (text: string): string[] =>
    parseSockets(text, 'TCP').map(({ address, port }) => `${formatAddress(address)} ${port}`);
  assert.deepEqual(shown(tcp), ['127.0.0.1 8080']);
  assert.deepEqual(shown(tcp6), [':: 80', 'fd00:0:a244::3 5432']);
});

describe('in a namespace of its own', () => {
  test('listeners are seen, connections opened and refused', async () => {
    using home = new TestHome();
    const kernel = createKernel();
    const pin = join(home.path, 'ns');
    kernel.createNetworkNamespace(pin);
    try {
      const server = createServer((socket) => socket.end());
      server.listen({ fd: kernel.listenTcp(pin, { address: '127.0.0.1', port: 0 }) });
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      assert.ok(
        readListeners(kernel, pin).some((one) => one.protocol === 'TCP' && one.port === port),
      );
      const probe = { pin, address: requireAddress('127.0.0.1') };
      assert.deepEqual(await probeTcp(kernel, { ...probe, port }), {
        isOpen: true,
        observed: 'connected',
      });
      const arrived = once(server, 'connection') as Promise<[Socket]>;
      await probeTcp(kernel, { ...probe, port, from: requireAddress('127.0.0.9') });
      const [{ remoteAddress }] = await arrived;
      assert.equal(remoteAddress, '127.0.0.9');
      // Somebody who neither speaks nor ends.
      server.removeAllListeners('connection').once('connection', (socket) => {
        socket.once('close', () => socket.destroy());
      });
      assert.equal((await probeTcp(kernel, { ...probe, port, graceMs: 10 })).observed, 'connected');
      server.removeAllListeners('connection').once('connection', (socket: Socket) => {
        socket.resetAndDestroy();
      });
      assert.equal((await probeTcp(kernel, { ...probe, port, graceMs: 5000 })).observed, 'reset');
      server.close();
      await once(server, 'close');
      const closed = { isOpen: false, observed: 'refused' };
      assert.deepEqual(await probeTcp(kernel, { ...probe, port }), closed);
      assert.deepEqual(await probeUdp(kernel, { ...probe, port: 9 }), closed);
    } finally {
      kernel.deleteNamespace(pin);
    }
  });
});
