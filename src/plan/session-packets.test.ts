import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import type { Element } from '../nft/index.ts';
import { setsOf } from './layout.ts';
import { capturesOf } from './testing/services.ts';
import { ask, askUdp, serveAll, survey, type Listening } from './testing/talk.ts';
import { World, type Host } from './testing/world.ts';

const PORT = 8080;
const clusterIP = { host: '10.96.0.1', port: 80 };
const clusterIPv6 = { host: 'fd00:10:96::1', port: 80 };
const nodePort = { host: '172.18.0.2', port: 30080 };
const loadBalancer = { host: '172.18.9.1', port: 80 };
/** Without sessions, both endpoints answer within so many tries but for a chance of one in two billion. */
const MANY = 32;

describe('row 19: sessions of clients', () => {
  let world: World;
  let listening: Listening;

  before(async () => {
    world = new World();
    listening = await serveAll(world.test, [world.podA, world.podB], [PORT]);
  });

  after(async () => {
    await listening.close();
    world.dispose();
  });

  beforeEach(() => world.programmer.apply('default/web', []));

  type Options = Omit<Parameters<typeof capturesOf>[0], 'targetPort' | 'spec'> & {
    readonly timeoutSeconds?: number;
    readonly spec?: Parameters<typeof capturesOf>[0]['spec'];
  };
  function expose({ timeoutSeconds = 600, spec, ...options }: Options): void {
    const affinity = {
      sessionAffinity: 'ClientIP',
      sessionAffinityConfig: { clientIP: { timeoutSeconds } },
      ...spec,
    } as const;
    const captures = capturesOf({ targetPort: PORT, ...options, spec: affinity });
    world.programmer.apply('default/web', captures);
  }

  const servers = async (from: Host, to: typeof clusterIP, times = MANY): Promise<string[]> =>
    (await survey(times, () => ask(world.test, from, to))).servers;

  const sessions = (): readonly Element[] => world.nftables.listElements(setsOf('ip').sessions);

  test('stay with one endpoint, whichever of the Service addresses they come to', async () => {
    expose({
      backends: [world.podA, world.podB],
      nodePort: 30080,
      spec: { type: 'LoadBalancer', externalIPs: ['192.0.2.7'] },
      loadBalancerIPs: [loadBalancer.host],
    });
    for (const client of [world.client, world.podA, world.node]) {
      const first = await servers(client, clusterIP);
      assert.equal(first.length, 1);
      for (const to of [nodePort, loadBalancer, { host: '192.0.2.7', port: 80 }]) {
        assert.deepEqual(await servers(client, to, 4), first, `${client.name} to ${to.host}`);
      }
    }
  });

  test('are kept over IPv6', async () => {
    expose({ backends: [world.podA, world.podB] });
    assert.equal((await servers(world.client, clusterIPv6)).length, 1);
  });

  test('are one for each port, and UDP has them too', async () => {
    expose({ backends: [world.podA, world.podB] });
    const seen = await survey(MANY, () => askUdp(world.test, world.podB, clusterIP));
    assert.equal(seen.servers.length, 1);
    await servers(world.podB, clusterIP, 1);
    const ports = sessions()
      .filter(({ key }) => key[1] === world.podB.addresses[0])
      .map(({ key }) => key[0]);
    assert.equal(new Set(ports).size, 2);
  });

  test('masquerade as connections without sessions do', async () => {
    expose({ backends: [world.podA], nodePort: 30080 });
    const source = async (from: Host, to: typeof clusterIP): Promise<string> =>
      (await ask(world.test, from, to)).source;
    for (let times = 0; times < 2; times += 1) {
      assert.equal(await source(world.podB, clusterIP), '10.244.0.3');
      assert.equal(await source(world.podA, clusterIP), '172.18.0.2');
      assert.equal(await source(world.client, clusterIP), '172.18.0.2');
      assert.equal(await source(world.client, nodePort), '172.18.0.2');
    }
  });

  test('end when their endpoint goes, and do not come back with it', async () => {
    expose({ backends: [world.podA, world.podB] });
    const [first] = await servers(world.client, clusterIP, 1);
    const [gone, other] = first === 'pod-a' ? [world.podA, world.podB] : [world.podB, world.podA];
    expose({ backends: [other] });
    assert.deepEqual(await servers(world.client, clusterIP, 1), [other.name]);
    expose({ backends: [gone, other] });
    assert.deepEqual(await servers(world.client, clusterIP), [other.name]);
  });

  test('live as long as they are used, and are forgotten after their time-out', async () => {
    expose({ backends: [world.podA, world.podB], timeoutSeconds: 1 });
    // Sessions of earlier tests are there, too, under other numbers.
    const ports = world.nftables.listElements(setsOf('ip').sessionPorts);
    const port = ports.find(({ key }) => key[1] === 'tcp')?.data?.[0];
    const mine = (): Element | undefined => sessions().find(({ key }) => key[0] === port);
    await servers(world.client, clusterIP, 1);
    const before = mine()?.expires ?? 0;
    assert.equal(mine()?.timeout, 1000);
    while ((mine()?.expires ?? 0) >= before) await nextTurn();
    const aged = mine()?.expires ?? 0;
    await servers(world.client, clusterIP, 1);
    assert.ok((mine()?.expires ?? 0) > aged, 'a use begins the time anew');
    while (mine() !== undefined) await nextTurn();
  });

  test('are switched on and off live, and what was remembered is not believed again', async () => {
    expose({ backends: [world.podA, world.podB] });
    const [first] = await servers(world.client, clusterIP);
    expose({ backends: [world.podA, world.podB], spec: { sessionAffinity: 'None' } });
    assert.deepEqual(await servers(world.client, clusterIP), ['pod-a', 'pod-b']);
    const old = sessions().length;
    const [gone] = [world.podA, world.podB].filter(({ name }) => name === first);
    const kept = [world.podA, world.podB].filter((host) => host !== gone);
    expose({ backends: kept });
    assert.deepEqual(
      await servers(world.client, clusterIP, 2),
      kept.map(({ name }) => name),
    );
    assert.ok(sessions().length > old, 'a new session, not the old one');
  });

  test('do not lead a Local policy to other nodes', async () => {
    const elsewhere = { ...world.podB, nodeName: 'node-2' };
    expose({
      backends: [elsewhere, world.podA],
      nodePort: 30080,
      spec: { externalTrafficPolicy: 'Local' },
    });
    // A session with the other node's endpoint: the only one for a moment.
    const [first] = await servers(world.client, clusterIP, 1);
    assert.ok(first);
    const local = await survey(4, () => ask(world.test, world.client, nodePort));
    assert.deepEqual(local, { servers: ['pod-a'], sources: ['172.18.0.100'] });
    assert.deepEqual(await servers(world.client, clusterIP, 4), ['pod-a']);
  });

  test('are not kept when there are too many, but every client is served', async () => {
    const { sessions: set } = setsOf('ip');
    const elements = Array.from({ length: set.size ?? 0 }, (_, index) => ({
      key: [1_000_000, `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`],
      data: [1],
      timeout: 3_600_000,
    }));
    // Those that expired count until the kernel clears them away: a fresh map has none.
    world.programmer.start();
    world.nftables.commit([{ kind: 'add element', set, elements }]);
    expose({ backends: [world.podA, world.podB] });
    assert.deepEqual(await servers(world.client, clusterIP), ['pod-a', 'pod-b']);
    world.nftables.commit([{ kind: 'delete element', set, elements }]);
    assert.equal((await servers(world.client, clusterIP)).length, 1);
  });

  test('leave nothing behind but what expires', async () => {
    expose({ backends: [world.podA, world.podB], nodePort: 30080 });
    await servers(world.client, clusterIP, 1);
    world.programmer.apply('default/web', []);
    for (const set of Object.values({ ...setsOf('ip') })) {
      if (!set.name.startsWith('session-')) continue;
      assert.deepEqual(world.nftables.listElements(set), [], set.name);
    }
    assert.deepEqual(world.programmer.resync(), []);
  });
});

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
