import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, afterEach, before, describe, test } from 'node:test';
import { ANNOTATION_PREFIX } from './annotations.ts';
import { CloudWorld, type ServiceParts } from './testing/cloud-world.ts';
import { skipReason, type TestNode } from './testing/outside-world.ts';

const NODE_PORT = 30_080;

describe('the way of a load balancer’s connections', { skip: skipReason }, () => {
  let world: CloudWorld;
  let one: TestNode;
  let two: TestNode;
  /** A machine behind the fabric. */
  let client: string;

  before(async () => {
    world = await CloudWorld.open(249);
    [one, two] = world.outside.nodes;
    client = world.outside.attachClient(['203.0.113.9']);
    for (const node of [one, two]) {
      await node.serveTcp(NODE_PORT);
      await node.serveTcp(NODE_PORT + 1, (socket) => void socket.pipe(socket));
      await node.serveUdp(NODE_PORT);
      await node.serveHttp(NODE_PORT + 2, () => 200);
    }
  });
  after(() => world.close());
  afterEach(() => assert.deepEqual(world.errors, []));

  /** Resolves with the Service's address when both nodes are known to be healthy. */
  async function expose(name: string, parts: Partial<ServiceParts> = {}): Promise<string> {
    await world.createService(name, { ports: [{ port: 80, nodePort: NODE_PORT }], ...parts });
    const address = await world.externalIP(name);
    await world.listed(
      name,
      (found) => found?.nodes.every(({ status }) => status === 'healthy') === true,
    );
    return address;
  }

  /** How many connections to an address the kernel has translated since this was called. */
  function countFrom(address: string): () => number {
    const before = world.outside.countTranslated(address);
    return () => world.outside.countTranslated(address) - before;
  }

  async function remove(name: string): Promise<void> {
    await world.deleteService(name);
    await world.service(name, (service) => (service === undefined ? true : undefined));
  }

  test('is the kernel when the balancer is plain, from outside and from the host', async () => {
    const address = await expose('plain');
    const { outside } = world;
    const count = countFrom(address);
    assert.match(await outside.ask({ address, port: 80 }, client), /^node[12]$/);
    assert.equal(count(), 1);
    assert.deepEqual(await outside.askAround({ address, port: 80 }), ['node1', 'node2']);
    const [{ hostAddress: host = '' } = {}] = world.cloud.list();
    assert.match(await text(connect({ host, port: 80 })), /^node[12]$/);
    assert.equal(count(), 14);
    await remove('plain');
  });

  test('is the kernel for datagrams without a check', async () => {
    const ports = [{ port: 53, nodePort: NODE_PORT, protocol: 'UDP' as const }];
    await world.createService('datagrams', { ports });
    const address = await world.externalIP('datagrams');
    await world.listed('datagrams', (found) => found?.hostAddress !== undefined);
    const count = countFrom(address);
    const socket = createSocket('udp4');
    const at = { address: '203.0.113.9', port: 0 };
    socket.bind({ fd: world.outside.kernel.bindUdp(client, at) });
    socket.send('?', 53, address);
    const [answer] = (await once(socket, 'message')) as [Buffer];
    socket.close();
    assert.match(answer.toString(), /^node[12]$/);
    assert.equal(count(), 1);
    await remove('datagrams');
  });

  for (const [way, seconds] of [
    ['the kernel', ''],
    ['the door', '60'],
  ] as const) {
    test(`is counted when it is ${way}`, async () => {
      const annotations = { [`${ANNOTATION_PREFIX}connection-idle-timeout`]: seconds };
      const ports = [{ port: 80, nodePort: NODE_PORT + 1 }];
      const parts = { ports, ...(seconds === '' ? {} : { annotations }) };
      const address = await expose('counted', parts);
      const sockets = [1, 2, 3].map(() => world.outside.dial({ address, port: 80 }, client));
      const answers = sockets.map((socket) => once(socket, 'data'));
      for (const socket of sockets) socket.write('a');
      await Promise.all(answers);
      const isCounted = (count: number) =>
        world.listed('counted', (found) => {
          const counts = found?.nodes.map(({ connections }) => connections) ?? [];
          return counts.reduce((total, connections) => total + connections, 0) === count;
        });
      await isCounted(3);
      for (const socket of sockets) socket.destroy();
      await isCounted(0);
      await remove('counted');
    });
  }

  const doors: readonly (readonly [what: string, parts: Partial<ServiceParts>])[] = [
    ['PROXY headers', { annotations: { [`${ANNOTATION_PREFIX}proxy-protocol`]: '*' } }],
    ['an idle timeout', { annotations: { [`${ANNOTATION_PREFIX}connection-idle-timeout`]: '60' } }],
    [
      'no draining',
      { annotations: { [`${ANNOTATION_PREFIX}connection-draining-enabled`]: 'false' } },
    ],
    ['source ranges', { spec: { loadBalancerSourceRanges: ['203.0.113.0/24'] } }],
    [
      'policy Local',
      { spec: { externalTrafficPolicy: 'Local', healthCheckNodePort: NODE_PORT + 2 } },
    ],
    [
      'a check of another port',
      { annotations: { [`${ANNOTATION_PREFIX}healthcheck-port`]: String(NODE_PORT + 2) } },
    ],
  ];
  for (const [what, parts] of doors) {
    test(`is the door with ${what}`, async () => {
      const address = await expose('asking', parts);
      const count = countFrom(address);
      assert.match(await world.outside.ask({ address, port: 80 }, client), /node[12]$/);
      assert.equal(count(), 0);
      await remove('asking');
    });
  }

  test('changes with the Service, and open connections stay where they are', async () => {
    const ports = [{ port: 80, nodePort: NODE_PORT + 1 }];
    const address = await expose('turning', { ports });
    const echo = async (words: string) => {
      socket.write(words);
      const [answer] = (await once(socket, 'data')) as [Buffer];
      assert.equal(answer.toString(), words);
    };
    const socket = world.outside.dial({ address, port: 80 }, client);
    await echo('by the kernel');
    const annotation = `${ANNOTATION_PREFIX}connection-idle-timeout`;
    await world.patchService('turning', { metadata: { annotations: { [annotation]: '60' } } });
    await world.service('turning', (service) => service?.metadata.annotations?.[annotation]);
    // The door's next connection is the first that is not translated.
    for (let count = countFrom(address); ; count = countFrom(address)) {
      const asked = world.outside.dial({ address, port: 80 }, client);
      asked.end('?');
      await text(asked);
      if (count() === 0) break;
    }
    await echo('and still');
    socket.destroy();
    await remove('turning');
  });
});
