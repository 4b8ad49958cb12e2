import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, afterEach, before, describe, test } from 'node:test';
import { CloudWorld } from './testing/cloud-world.ts';
import { skipReason, type TestNode } from './testing/outside-world.ts';

describe('a load balancer', { skip: skipReason }, () => {
  let world: CloudWorld;
  let one: TestNode;
  let two: TestNode;
  let nodePort = 30_000;

  before(async () => {
    world = await CloudWorld.open(251);
    [one, two] = world.outside.nodes;
  });
  after(() => world.close());
  afterEach(() => {
    assert.deepEqual(world.errors, []);
    nodePort += 10;
  });

  /** Creates a Service with TCP port 80 on the test's node port and resolves with its address. */
  async function expose(name: string, annotations: Record<string, string> = {}): Promise<string> {
    await world.createService(name, { ports: [{ port: 8080, nodePort }], annotations });
    return world.externalIP(name);
  }

  test('leads from outside, from the host and from nodes to every node', async () => {
    await one.serveTcp(nodePort);
    await two.serveTcp(nodePort);
    const address = await expose('web');
    assert.deepEqual(await world.outside.askAround({ address, port: 8080 }), ['node1', 'node2']);
    assert.match(await world.outside.ask({ address, port: 8080 }, one.netns), /^node[12]$/);
    const [summary] = world.cloud.list();
    const host = summary?.hostAddress ?? '';
    assert.match(host, /^127\.19\.251\./);
    assert.match(await text(connect({ host, port: 8080 })), /^node[12]$/);
  });

  test('writes status, finalizer and the Events of a service controller', async () => {
    await one.serveTcp(nodePort);
    const address = await expose('told');
    const { metadata, status } = world.getService('told') ?? {};
    assert.deepEqual(metadata?.finalizers, ['service.kubernetes.io/load-balancer-cleanup']);
    assert.deepEqual(status?.loadBalancer?.ingress, [
      { ip: address, ipMode: 'VIP', ports: [{ port: 8080, protocol: 'TCP' }] },
    ]);
    assert.deepEqual(await world.told('told', ({ length }) => length === 2), [
      'Normal EnsuringLoadBalancer: Ensuring load balancer',
      'Normal EnsuredLoadBalancer: Ensured load balancer',
    ]);
  });

  test('TCP and UDP of one number go their own ways', async () => {
    await one.serveTcp(nodePort);
    await one.serveUdp(nodePort + 1);
    await world.createService('dns', {
      ports: [
        { name: 'tcp', port: 5353, nodePort, protocol: 'TCP' },
        { name: 'udp', port: 5353, nodePort: nodePort + 1, protocol: 'UDP' },
      ],
    });
    const address = await world.externalIP('dns');
    await world.listed('dns', (summary) => summary?.nodes[1]?.status === 'unhealthy');
    assert.equal(await world.outside.ask({ address, port: 5353 }), 'node1');
    const { kernel, fabric } = world.outside;
    const socket = createSocket('udp4');
    socket.bind({ fd: kernel.bindUdp(fabric, { address: '0.0.0.0', port: 0 }) });
    socket.send('?', 5353, address);
    const [answer] = (await once(socket, 'message')) as [Buffer];
    assert.equal(answer.toString(), 'node1');
    socket.close();
  });

  test('a node whose check fails gets no connections until it passes again', async () => {
    await one.serveTcp(nodePort);
    const second = await two.serveTcp(nodePort);
    const address = await expose('sick');
    const isSecond = (status: string) => () =>
      world.listed('sick', (summary) => summary?.nodes[1]?.status === status);
    await isSecond('healthy')();
    await two.stop(second);
    await isSecond('unhealthy')();
    assert.deepEqual(await world.outside.askAround({ address, port: 8080 }), ['node1']);
    await two.serveTcp(nodePort);
    await isSecond('healthy')();
    assert.deepEqual(await world.outside.askAround({ address, port: 8080 }), ['node1', 'node2']);
  });

  test('a connection that one node refuses goes to the next: nobody notices', async () => {
    await two.serveTcp(nodePort);
    // The check knows nothing: it asks a port that answers on both.
    await one.serveTcp(nodePort + 1);
    await two.serveTcp(nodePort + 1);
    const address = await expose('next', {
      'service.beta.kubernetes.io/aws-load-balancer-healthcheck-port': String(nodePort + 1),
    });
    assert.deepEqual(await world.outside.askAround({ address, port: 8080 }), ['node2']);
  });

  test('row 13: external policy Local is checked at healthCheckNodePort', async () => {
    await one.serveTcp(nodePort);
    await two.serveTcp(nodePort);
    const asked: string[] = [];
    await one.serveHttp(nodePort + 1, (path) => {
      asked.push(path);
      return 503;
    });
    await two.serveHttp(nodePort + 1, () => 200);
    await world.createService('local', {
      ports: [{ port: 8080, nodePort }],
      spec: { externalTrafficPolicy: 'Local', healthCheckNodePort: nodePort + 1 },
    });
    const address = await world.externalIP('local');
    await world.listed('local', (found) => found?.nodes[0]?.status === 'unhealthy');
    await world.listed('local', (found) => found?.nodes[1]?.status === 'healthy');
    assert.equal(asked[0], '/healthz');
    assert.deepEqual(await world.outside.askAround({ address, port: 8080 }), ['node2']);
  });

  test('row 19: with affinity a client stays with its node', async () => {
    await one.serveTcp(nodePort);
    await two.serveTcp(nodePort);
    await world.createService('sticky', {
      ports: [{ port: 8080, nodePort }],
      spec: { sessionAffinity: 'ClientIP' },
    });
    const address = await world.externalIP('sticky');
    const found = await world.outside.askAround({ address, port: 8080 });
    assert.equal(found.length, 1);
  });

  test('row 11: source ranges keep others out', async () => {
    await one.serveTcp(nodePort);
    await world.createService('walled', {
      ports: [{ port: 8080, nodePort }],
      spec: { loadBalancerSourceRanges: [`${one.ip}/32`] },
    });
    const address = await world.externalIP('walled');
    assert.equal(await world.outside.ask({ address, port: 8080 }, one.netns), 'node1');
    assert.equal(await world.outside.ask({ address, port: 8080 }, two.netns), '');
  });

  test('row 33: a dual-stack Service has an address of each family', async () => {
    await one.serveTcp(nodePort);
    await one.serveTcp(nodePort, undefined, one.ip6);
    await world.createService('dual', {
      ports: [{ port: 8080, nodePort }],
      spec: {
        ipFamilyPolicy: 'RequireDualStack',
        ipFamilies: ['IPv4', 'IPv6'],
      },
    });
    const addresses = await world.service('dual', (service) => {
      const ips = service?.status?.loadBalancer?.ingress?.map(({ ip = '' }) => ip);
      return ips?.length === 2 ? ips : undefined;
    });
    assert.match(addresses[1] ?? '', /^fd00:172:19::/);
    for (const address of addresses) {
      assert.equal(await world.outside.ask({ address, port: 8080 }), 'node1');
    }
  });

  test('the PROXY protocol tells the endpoint who asks, and then no node may take the traffic', async () => {
    const echo = async (node: TestNode) =>
      node.serveTcp(nodePort, (socket) => void socket.pipe(socket));
    await Promise.all([one, two].map(echo));
    const address = await expose('proxied', {
      'service.beta.kubernetes.io/aws-load-balancer-proxy-protocol': '*',
    });
    const said = await world.outside.ask({ address, port: 8080 }, two.netns);
    assert.match(said, new RegExp(`^PROXY TCP4 ${two.ip} ${address} \\d+ 8080\\r\\n$`));
    const [ingress] = world.getService('proxied')?.status?.loadBalancer?.ingress ?? [];
    assert.equal(ingress?.ipMode, 'Proxy');
  });
});
