import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { deleteConntrack, listConntrack, type Connection } from '../../netlink/index.ts';
import { capturesOf } from '../../plan/testing/services.ts';
import { serve, UdpClient } from '../../plan/testing/talk.ts';
import { World, type Host } from '../../plan/testing/world.ts';
import { UdpFlows } from './udp-flows.ts';

const PORT = 5353;
const clusterIP = { host: '10.96.0.1', port: 53 };
const clusterIPv6 = { host: 'fd00:10:96::1', port: 53 };
const nodePort = { host: '172.18.0.2', port: 30_053 };
const loadBalancer = { host: '172.18.9.1', port: 53 };
const externalIP = { host: '192.0.2.7', port: 53 };

describe('row 29: UDP flows', () => {
  let world: World;
  let flows: UdpFlows;
  let connection: Connection;
  let clients: UdpClient[];
  const closers: (() => Promise<void>)[] = [];

  before(async () => {
    world = new World();
    connection = world.test.connectNetfilter(world.node.path);
    for (const host of [world.podA, world.podB]) {
      const server = await serve(world.test, host, PORT);
      closers.push(() => server.close());
    }
  });

  after(async () => {
    for (const close of closers) await close();
    world.dispose();
  });

  beforeEach(() => {
    clients = [];
    deleteConntrack(connection, {});
    flows = new UdpFlows(world.test.connectNetfilter(world.node.path));
  });

  afterEach(async () => {
    world.programmer.apply('default/dns', []);
    for (const client of clients) await client.close();
  });

  function client(from: Host, family: 4 | 6 = 4): UdpClient {
    const made = new UdpClient(world.test, from, family);
    clients.push(made);
    return made;
  }

  /** Programs the rules, and notes what changed; the sweep is the test's. */
  function program(options: Partial<Parameters<typeof capturesOf>[0]> | undefined): void {
    const captures =
      options === undefined
        ? []
        : capturesOf({
            backends: [],
            targetPort: PORT,
            port: 53,
            nodePort: nodePort.port,
            loadBalancerIPs: [loadBalancer.host],
            ...options,
            spec: { type: 'LoadBalancer', externalIPs: [externalIP.host], ...options.spec },
          });
    world.programmer.apply('default/dns', captures);
    flows.replace('default/dns', captures);
  }

  for (const [name, to] of Object.entries({
    clusterIP,
    clusterIPv6,
    nodePort,
    loadBalancer,
    externalIP,
  })) {
    test(`to ${name} leave an endpoint that is gone`, async () => {
      program({ backends: [world.podA] });
      flows.sweep();
      const talker = client(world.client, to === clusterIPv6 ? 6 : 4);
      assert.equal((await talker.ask(to)).server, 'pod-a');
      program({ backends: [world.podB] });
      assert.equal((await talker.ask(to)).server, 'pod-a', 'tracking keeps the flow where it was');
      assert.equal(flows.sweep(), 1);
      assert.equal((await talker.ask(to)).server, 'pod-b');
      assert.equal(flows.sweep(), 0);
    });
  }

  test('from pods and from the node itself leave it, too', async () => {
    program({ backends: [world.podA] });
    flows.sweep();
    const talkers = [client(world.podB), client(world.node)];
    for (const talker of talkers) assert.equal((await talker.ask(clusterIP)).server, 'pod-a');
    program({ backends: [world.podB] });
    assert.equal(flows.sweep(), 2);
    for (const talker of talkers) assert.equal((await talker.ask(clusterIP)).server, 'pod-b');
  });

  test('that came before the Service find it', async () => {
    const talker = client(world.client);
    await talker.tell(externalIP);
    while (listConntrack(connection, { originalDestinationPort: 53 }).length === 0) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    program({ backends: [world.podA] });
    assert.equal(flows.sweep(), 1);
    assert.equal((await talker.ask(externalIP)).server, 'pod-a');
  });

  test('to a Service without endpoints find the first', async () => {
    program({});
    flows.sweep();
    const talker = client(world.client);
    await talker.tell(clusterIP);
    program({ backends: [world.podA] });
    flows.sweep();
    assert.equal((await talker.ask(clusterIP)).server, 'pod-a');
  });

  test('end with the Service, and with a NodePort that is taken from it', async () => {
    program({ backends: [world.podA] });
    flows.sweep();
    const talkers = [client(world.client), client(world.client)] as const;
    await talkers[0].ask(nodePort);
    await talkers[1].ask(clusterIP);
    program({ backends: [world.podA], spec: { type: 'ClusterIP' } });
    assert.equal(flows.sweep(), 1);
    program(undefined);
    assert.equal(flows.sweep(), 1);
  });

  test('stay with an endpoint that still answers, although new ones go elsewhere', async () => {
    program({ backends: [world.podA, world.podB] });
    flows.sweep();
    const talker = client(world.client);
    const { server } = await talker.ask(clusterIP);
    const [mine, other] = server === 'pod-a' ? [world.podA, world.podB] : [world.podB, world.podA];
    const terminating = { ready: false, serving: true, terminating: true };
    program({ backends: [{ ...mine, conditions: terminating }, other] });
    assert.equal(flows.sweep(), 0);
    assert.equal((await talker.ask(clusterIP)).server, server);
    program({ backends: [{ ...mine, conditions: { ready: false } }, other] });
    assert.equal(flows.sweep(), 1);
    assert.equal((await talker.ask(clusterIP)).server, other.name);
  });

  test('are found when more ports changed than are asked for one by one', async () => {
    program({ backends: [world.podA] });
    const talker = client(world.client);
    await talker.ask(clusterIP);
    const backends = [world.podB];
    program({ backends });
    for (let port = 1000; port < 1050; port += 1) {
      flows.replace(`default/s${port}`, capturesOf({ backends, targetPort: PORT, port }));
    }
    assert.equal(flows.sweep(), 1);
    assert.equal((await talker.ask(clusterIP)).server, 'pod-b');
  });

  test('of an earlier agent are looked at in the first sweep', async () => {
    program({ backends: [world.podA] });
    const talker = client(world.client);
    await talker.ask(clusterIP);
    flows = new UdpFlows(world.test.connectNetfilter(world.node.path));
    program({ backends: [world.podB] });
    assert.equal(flows.sweep(), 1);
    assert.equal((await talker.ask(clusterIP)).server, 'pod-b');
  });

  test('to other ports and over other protocols are left alone', async () => {
    program({ backends: [world.podA] });
    flows.sweep();
    const talker = client(world.podB);
    await talker.ask({ host: '10.244.0.2', port: PORT });
    const before = listConntrack(connection, {}).length;
    program({ backends: [world.podB] });
    assert.equal(flows.sweep(), 0);
    assert.equal(listConntrack(connection, {}).length, before);
  });
});

test('a sweep that fails is tried again', () => {
  let isBroken = true;
  const refusing = {
    dump(): [] {
      if (isBroken) throw new Error('no buffer space');
      return [];
    },
  } as unknown as Connection;
  const flows = new UdpFlows(refusing);
  flows.replace(
    'default/dns',
    capturesOf({ backends: [{ addresses: ['10.1.0.1', 'fd00::1'] }], targetPort: 53 }),
  );
  assert.throws(() => flows.sweep(), /no buffer space/);
  assert.throws(() => flows.sweep(), /no buffer space/);
  isBroken = false;
  assert.equal(flows.sweep(), 0);
});
