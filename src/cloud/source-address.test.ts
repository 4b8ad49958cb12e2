import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, afterEach, before, describe, test } from 'node:test';
import { CloudWorld } from './testing/cloud-world.ts';
import { skipReason, type TestNode } from './testing/outside-world.ts';

const NODE_PORT = 30_080;
const client4 = '203.0.113.9';
const client6 = '2001:db8::9';
/** What the fabric is to nodes. */
const fabric4 = '172.18.0.1';

describe('the source address that a node sees', { skip: skipReason }, () => {
  let world: CloudWorld;
  let one: TestNode;
  /** A machine behind the fabric. */
  let client: string;

  before(async () => {
    world = await CloudWorld.open(250);
    one = world.outside.nodes[0];
    client = world.outside.attachClient([client4, client6]);
    const sayWho = (socket: Socket): void => void socket.end(socket.remoteAddress ?? '');
    for (const address of [one.ip, one.ip6]) await one.serveTcp(NODE_PORT, sayWho, address);
    await one.serveUdp(NODE_PORT, (source) => source);
    await one.serveHttp(NODE_PORT + 1, () => 200);
  });
  after(() => world.close());
  afterEach(() => assert.deepEqual(world.errors, []));

  async function expose(name: string, policy: 'Local' | 'Cluster'): Promise<readonly string[]> {
    const local = { externalTrafficPolicy: 'Local', healthCheckNodePort: NODE_PORT + 1 } as const;
    await world.createService(name, {
      ports: [
        { name: 'tcp', port: 8080, nodePort: NODE_PORT },
        { name: 'udp', port: 8080, nodePort: NODE_PORT, protocol: 'UDP' },
      ],
      spec: {
        ipFamilyPolicy: 'RequireDualStack',
        ipFamilies: ['IPv4', 'IPv6'],
        ...(policy === 'Local' ? local : {}),
      },
    });
    return world.service(name, (service) => {
      const ips = service?.status?.loadBalancer?.ingress?.map(({ ip = '' }) => ip);
      return ips?.length === 2 ? ips : undefined;
    });
  }

  async function remove(name: string): Promise<void> {
    await world.deleteService(name);
    await world.listed(name, (summary) => summary === undefined);
  }

  test('row 21: policy Local keeps that of a client behind the fabric, in both families', async () => {
    const [address = '', address6 = ''] = await expose('near', 'Local');
    const { outside } = world;
    assert.equal(await outside.ask({ address, port: 8080 }, client), client4);
    assert.equal(await outside.ask({ address: address6, port: 8080 }, client), client6);
    await remove('near');
  });

  test('row 21: and of its datagrams', async () => {
    const [address = ''] = await expose('datagrams', 'Local');
    const socket = createSocket('udp4');
    const at = { address: client4, port: 0 };
    socket.bind({ fd: world.outside.kernel.bindUdp(client, at) });
    socket.send('?', 8080, address);
    const [answer] = (await once(socket, 'message')) as [Buffer];
    assert.equal(answer.toString(), client4);
    socket.close();
    await remove('datagrams');
  });

  test('row 21: the fabric itself is a client like others; a node and the host are seen as the fabric', async () => {
    const [address = ''] = await expose('inside', 'Local');
    const { outside } = world;
    const at = { address, port: 8080 };
    assert.equal(await outside.ask(at, { netns: outside.fabric, source: fabric4 }), fabric4);
    assert.equal(await outside.ask(at, outside.nodes[1].netns), fabric4);
    const summary = await world.listed('inside', (found) => found?.hostAddress !== undefined);
    const host = summary?.hostAddress ?? '';
    assert.equal(await text(connect({ host, port: 8080 })), fabric4);
    await remove('inside');
  });

  test('row 22: with policy Cluster it is the node that hides it; what it would answer past the fabric, the fabric hides', async () => {
    const [address = ''] = await expose('far', 'Cluster');
    await world.listed('far', (summary) => summary?.nodes[0]?.status === 'healthy');
    const { outside } = world;
    assert.equal(await outside.ask({ address, port: 8080 }, client), client4);
    assert.equal(await outside.ask({ address, port: 8080 }, one.netns), fabric4);
    await remove('far');
  });
});
