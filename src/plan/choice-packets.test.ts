import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { once } from 'node:events';
import { nftIn } from '../nft/testing/fresh-nftables.ts';
import { deleteConntrack } from '../netlink/index.ts';
import { assertDropped } from './testing/dropped.ts';
import { capturesOf } from './testing/services.ts';
import { settings } from './testing/settings.ts';
import { ask, askUdp, dial, hold, serveAll, survey, type Listening } from './testing/talk.ts';
import { World, type Host } from './testing/world.ts';

const PORT = 8080;
const clusterIP = { host: '10.96.0.1', port: 80 };
const MANY = 32;

describe('packets to the endpoints that were chosen', () => {
  let world: World;
  let listening: Listening;

  before(async () => {
    world = new World();
    listening = await serveAll(
      world.test,
      [world.podA, world.podB, world.client],
      [PORT, PORT + 1],
    );
  });

  after(async () => {
    await listening.close();
    world.dispose();
  });

  beforeEach(() => {
    world.programmer.apply('default/web', []);
    world.programmer.configure(settings);
  });

  type Options = Omit<Parameters<typeof capturesOf>[0], 'targetPort'>;
  const expose = (options: Options): void =>
    world.programmer.apply('default/web', capturesOf({ targetPort: PORT, ...options }));
  const servers = async (from: Host, to = clusterIP): Promise<string[]> =>
    (await survey(MANY, () => ask(world.test, from, to))).servers;

  test('row 27: the endpoints of the zone, those of the node before them', async () => {
    const backends = [
      { ...world.podA, forZones: ['a'] },
      { ...world.podB, forZones: ['b'] },
    ];
    expose({ backends, vantage: { zone: 'a' } });
    assert.deepEqual(await servers(world.client), ['pod-a']);
    expose({ backends, vantage: { zone: 'c' } });
    assert.deepEqual(await servers(world.client), ['pod-a', 'pod-b']);
    const onNodes = backends.map((backend, index) => ({
      ...backend,
      forNodes: [`node-${2 - index}`],
    }));
    expose({ backends: onNodes, vantage: { zone: 'a' } });
    assert.deepEqual(await servers(world.client), ['pod-b']);
  });

  test('rows 20 and 21 before 27: a Local policy reads no hints', async () => {
    const hints = { forZones: ['b'] };
    const backends = [
      { ...world.podA, ...hints },
      { ...world.podB, ...hints, nodeName: 'node-2' },
    ];
    const vantage = { zone: 'b' };
    expose({ backends, vantage, spec: { internalTrafficPolicy: 'Local' } });
    assert.deepEqual(await servers(world.podB), ['pod-a']);
    const spec = { externalTrafficPolicy: 'Local' } as const;
    expose({ backends, vantage, spec, nodePort: 30080 });
    assert.deepEqual(await servers(world.client, { host: '172.18.0.2', port: 30080 }), ['pod-a']);
  });

  test('row 25: endpoints that are going serve while no other does, each policy for itself', async () => {
    const going = { ready: false, serving: true, terminating: true };
    const gone = { ready: false, serving: false, terminating: true };
    expose({ backends: [{ ...world.podA, conditions: going }, world.podB] });
    assert.deepEqual(await servers(world.client), ['pod-b']);
    expose({
      backends: [
        { ...world.podA, conditions: going },
        { ...world.podB, conditions: gone },
      ],
    });
    assert.deepEqual(await servers(world.client), ['pod-a']);
    // Ready elsewhere is no reason for a Local policy to leave the last endpoint of this node.
    expose({
      backends: [
        { ...world.podA, conditions: going },
        { ...world.podB, nodeName: 'node-2' },
      ],
      nodePort: 30_080,
      spec: { externalTrafficPolicy: 'Local' },
    });
    const nodePort = { host: world.node.addresses[0], port: 30_080 };
    assert.deepEqual(await servers(world.client, nodePort), ['pod-a']);
    assert.deepEqual(await servers(world.podA), ['pod-b']);
  });

  test('row 26: endpoints that are published before they are ready are like others', async () => {
    const starting = { ready: true, serving: false, terminating: false };
    expose({ backends: [{ ...world.podA, conditions: starting }, world.podB] });
    assert.deepEqual(await servers(world.client), ['pod-a', 'pod-b']);
  });

  test('row 28: a named port that is another number in each pod, over TCP and UDP on one port', async () => {
    const backends = [
      { ...world.podA, port: PORT + 1 },
      { ...world.podB, port: PORT },
    ];
    expose({ backends });
    assert.deepEqual(await servers(world.client), ['pod-a', 'pod-b']);
    const udp = await survey(MANY, () => askUdp(world.test, world.client, clusterIP));
    assert.deepEqual(udp.servers, ['pod-a', 'pod-b']);
  });

  test('--service-balancing round-robin takes the endpoints in turn, and random is switched back to live', async () => {
    expose({ backends: [world.podA, world.podB] });
    world.programmer.configure({ ...settings, balancing: 'round-robin' });
    const order: string[] = [];
    for (let times = 0; times < 6; times += 1) {
      order.push((await ask(world.test, world.client, clusterIP)).server);
    }
    const [first, second] = order;
    assert.notEqual(first, second);
    assert.deepEqual(order, [first, second, first, second, first, second]);
    assert.deepEqual(world.programmer.resync(), []);
    world.programmer.configure(settings);
    assert.deepEqual(world.programmer.resync(), []);
    assert.deepEqual(await servers(world.client), ['pod-a', 'pod-b']);
  });

  test('row 31: a ServiceCIDR that comes is dropped where no Service is, one that goes is not', async () => {
    const to = { host: world.client.addresses[0], port: PORT };
    assert.equal((await ask(world.test, world.podA, to)).server, 'client');
    const serviceCIDRs = [...settings.serviceCIDRs, '172.18.0.96/29'];
    world.programmer.configure({ ...settings, serviceCIDRs });
    await assertDropped(world, world.podA, to);
    world.programmer.configure(settings);
    assert.equal((await ask(world.test, world.podA, to)).server, 'client');
  });

  test('row 30: a packet that tracking calls invalid is dropped, and resets nothing', async () => {
    expose({ backends: [world.podB] });
    // Without this, a packet in the middle of an unknown connection would begin a new one.
    world.test.kernel.writeSysctl(world.node.path, 'net/netfilter/nf_conntrack_tcp_loose', '0');
    const held = await hold(world.test, world.podB, PORT + 2);
    expose({ backends: [{ ...world.podB, port: PORT + 2 }] });
    const client = dial(world.test, world.podA, clusterIP);
    const server = await held.accepted;
    try {
      client.write('ping');
      await once(server, 'data');
      nftIn(
        world.node.path,
        `table ip watch {
           counter invalid {}
           counter left {}
           chain seen { type filter hook forward priority -300; ct state invalid counter name invalid; }
           chain last { type filter hook postrouting priority 300; ip saddr 10.244.0.3 counter name left; }
         }`,
      );
      deleteConntrack(world.test.connectNetfilter(world.node.path), { protocol: 6 });
      let outcome = 'open';
      client
        .on('error', ({ message }) => (outcome = message))
        .on('close', () => (outcome = 'closed'));
      server.write('untranslated');
      const packets = (name: string): number =>
        Number(/packets (\d+)/.exec(nftIn(world.node.path, `list counter ip watch ${name}`))?.[1]);
      while (packets('invalid') === 0) await new Promise((resolve) => setImmediate(resolve));
      assert.equal(packets('left'), 0);
      assert.equal(outcome, 'open');
    } finally {
      client.destroy();
      await held.close();
      nftIn(world.node.path, 'delete table ip watch');
    }
  });
});
