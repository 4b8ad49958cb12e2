import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { assertDropped } from './testing/dropped.ts';
import { capturesOf } from './testing/services.ts';
import { ask, askUdp, serve, serveAll, survey, type Listening } from './testing/talk.ts';
import { World, type Host } from './testing/world.ts';

const PORT = 8080;
const clusterIP = { host: '10.96.0.1', port: 80 };
const clusterIPv6 = { host: 'fd00:10:96::1', port: 80 };
const nodePort = { host: '172.18.0.2', port: 30080 };
/** With two endpoints at random, both answer within so many tries but for a chance of one in two billion. */
const MANY = 32;

describe('packets through the plan of one node', () => {
  let world: World;
  let listening: Listening;

  before(async () => {
    world = new World();
    listening = await serveAll(world.test, [world.podA, world.podB, world.node], [PORT]);
  });

  after(async () => {
    await listening.close();
    world.dispose();
  });

  beforeEach(() => world.programmer.apply('default/web', []));

  const expose = (options: Omit<Parameters<typeof capturesOf>[0], 'targetPort'>): void =>
    world.programmer.apply('default/web', capturesOf({ targetPort: PORT, ...options }));
  const tcp = (from: Host, to: typeof clusterIP): Promise<{ server: string; source: string }> =>
    ask(world.test, from, to);

  test('row 1: a ClusterIP balances over its endpoints and keeps the source of pods', async () => {
    expose({ backends: [world.podA, world.podB] });
    const seen = await survey(MANY, () => tcp(world.podA, clusterIP));
    assert.deepEqual(seen.servers, ['pod-a', 'pod-b']);
    // A pod that reaches itself is masqueraded (hairpin), one that reaches another is not.
    assert.deepEqual(seen.sources, ['10.244.0.2', '172.18.0.2']);
  });

  test('row 1: over IPv6', async () => {
    expose({ backends: [world.podB] });
    assert.deepEqual(await tcp(world.podA, clusterIPv6), {
      server: 'pod-b',
      source: 'fd00:10:244::2',
    });
  });

  test('row 1: over UDP, both families', async () => {
    expose({ backends: [world.podB] });
    const v4 = await askUdp(world.test, world.podA, clusterIP);
    const v6 = await askUdp(world.test, world.podA, clusterIPv6);
    assert.deepEqual([v4.server, v4.source], ['pod-b', '10.244.0.2']);
    assert.deepEqual([v6.server, v6.source], ['pod-b', 'fd00:10:244::2']);
  });

  test('row 1: from the node itself, and to an endpoint of the node itself', async () => {
    expose({ backends: [world.podA] });
    assert.deepEqual(await tcp(world.node, clusterIP), { server: 'pod-a', source: '172.18.0.2' });
    expose({ backends: [world.node] });
    assert.deepEqual(await tcp(world.node, clusterIP), { server: 'node', source: '172.18.0.2' });
  });

  test('rows 23 and 24: a pod reaches itself, masqueraded, in both families', async () => {
    expose({ backends: [world.podA] });
    assert.deepEqual(await tcp(world.podA, clusterIP), { server: 'pod-a', source: '172.18.0.2' });
    assert.deepEqual(await tcp(world.podA, clusterIPv6), { server: 'pod-a', source: 'fd00:18::2' });
  });

  test('row 23: a ClusterIP from outside the cluster is masqueraded', async () => {
    expose({ backends: [world.podA] });
    assert.deepEqual(await tcp(world.client, clusterIP), { server: 'pod-a', source: '172.18.0.2' });
  });

  test('rows 5 and 22: a NodePort from outside balances and masquerades', async () => {
    expose({ backends: [world.podA, world.podB], nodePort: 30080 });
    const seen = await survey(MANY, () => tcp(world.client, nodePort));
    assert.deepEqual(seen, { servers: ['pod-a', 'pod-b'], sources: ['172.18.0.2'] });
    const v6 = await tcp(world.client, { host: 'fd00:18::2', port: 30080 });
    assert.equal(v6.source, 'fd00:18::2');
  });

  test('rows 5 and 6: a NodePort is at the addresses of the node, not at its loopback', async () => {
    expose({ backends: [world.podA], nodePort: 30_080 });
    assert.equal((await tcp(world.node, nodePort)).server, 'pod-a');
    const loopback = { host: '127.0.0.1', port: nodePort.port };
    await assert.rejects(tcp(world.node, loopback), { code: 'ECONNREFUSED' });
  });

  test('row 3: without endpoints a connection is refused at once, from everywhere', async () => {
    expose({ backends: [], nodePort: 30080 });
    for (const from of [world.podA, world.client, world.node]) {
      for (const to of [clusterIP, clusterIPv6, nodePort]) {
        // More often than ICMP errors would be answered at once: the kernel limits their rate, resets it does not.
        for (let attempt = 0; attempt < 10; attempt += 1) {
          await assert.rejects(
            tcp(from, to),
            { code: 'ECONNREFUSED' },
            `${from.name} to ${to.host}`,
          );
        }
      }
    }
  });

  test('row 2: a port that the Service does not have is refused', async () => {
    expose({ backends: [world.podA] });
    const to = { host: '10.96.0.1', port: 81 };
    for (const from of [world.podB, world.client, world.node]) {
      await assert.rejects(tcp(from, to), { code: 'ECONNREFUSED' });
    }
  });

  test('row 2: an address that no Service has is dropped', async () => {
    expose({ backends: [world.podA] });
    await assertDropped(world, world.podA, { host: '10.96.7.7', port: 80 });
  });

  test('row 20: internal policy Local without local endpoints drops', async () => {
    const spec = { internalTrafficPolicy: 'Local' } as const;
    expose({ backends: [{ ...world.podB, nodeName: 'node-2' }], spec });
    await assertDropped(world, world.podA, clusterIP);
    expose({ backends: [{ ...world.podB, nodeName: 'node-2' }, world.podA], spec });
    const seen = await survey(MANY, () => tcp(world.podB, clusterIP));
    assert.deepEqual(seen, { servers: ['pod-a'], sources: ['10.244.0.3'] });
  });

  test('row 21: external policy Local keeps the source and stays on the node', async () => {
    const spec = { externalTrafficPolicy: 'Local' } as const;
    expose({
      backends: [{ ...world.podB, nodeName: 'node-2' }, world.podA],
      nodePort: 30080,
      spec,
    });
    const outside = await survey(MANY, () => tcp(world.client, nodePort));
    assert.deepEqual(outside, { servers: ['pod-a'], sources: ['172.18.0.100'] });
    const fromNode = await survey(MANY, () => tcp(world.node, nodePort));
    assert.deepEqual(fromNode, { servers: ['pod-a', 'pod-b'], sources: ['172.18.0.2'] });
    const fromPod = await survey(MANY, () => tcp(world.podA, nodePort));
    assert.deepEqual(fromPod.servers, ['pod-a', 'pod-b']);
  });

  test('row 4: external policy Local without local endpoints drops, but not for pods', async () => {
    const spec = { externalTrafficPolicy: 'Local' } as const;
    expose({ backends: [{ ...world.podB, nodeName: 'node-2' }], nodePort: 30080, spec });
    await assertDropped(world, world.client, nodePort);
    assert.deepEqual(await tcp(world.podA, nodePort), { server: 'pod-b', source: '10.244.0.2' });
  });

  test('row 15: an external IP is captured', async () => {
    expose({ backends: [world.podA], spec: { externalIPs: ['192.0.2.7'] } });
    const to = { host: '192.0.2.7', port: 80 };
    assert.deepEqual(await tcp(world.client, to), { server: 'pod-a', source: '172.18.0.2' });
  });

  test('a pod reaches the world under the address of its node, and other pods and nodes under its own', async () => {
    const server = await serve(world.test, world.client, 9090);
    const outside = await tcp(world.podA, { host: '172.18.0.100', port: 9090 });
    assert.deepEqual(outside, { server: 'client', source: '172.18.0.2' });
    assert.equal((await tcp(world.podA, { host: '10.244.0.3', port: PORT })).source, '10.244.0.2');
    assert.equal((await tcp(world.podA, { host: '172.18.0.2', port: PORT })).source, '10.244.0.2');
    assert.equal((await tcp(world.node, { host: '10.244.0.3', port: PORT })).source, '172.18.0.2');
    await server.close();
  });

  test('a change of endpoints reaches new connections at once', async () => {
    expose({ backends: [world.podA, world.podB] });
    expose({ backends: [world.podB] });
    assert.deepEqual((await survey(8, () => tcp(world.client, clusterIP))).servers, ['pod-b']);
  });
});
