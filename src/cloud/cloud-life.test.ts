import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { serviceKind } from '../kube/index.ts';
import { CloudWorld } from './testing/cloud-world.ts';
import { skipReason, type TestNode } from './testing/outside-world.ts';

const nodePort = 31_000;
const PREFIX = 'service.beta.kubernetes.io/aws-load-balancer-';

describe('the life of a load balancer', { skip: skipReason }, () => {
  let world: CloudWorld;
  let one: TestNode;
  let two: TestNode;

  beforeEach(async () => {
    world = await CloudWorld.open(252);
    [one, two] = world.outside.nodes;
  });
  afterEach(async () => {
    await world.close();
    assert.deepEqual(world.errors, []);
  });

  async function expose(name: string, annotations: Record<string, string> = {}): Promise<string> {
    await world.createService(name, { ports: [{ port: 8080, nodePort }], annotations });
    return world.externalIP(name);
  }

  /** Serves an echo on both nodes and resolves with an open connection through the balancer. */
  async function talk(name: string, annotations: Record<string, string> = {}): Promise<Socket> {
    await Promise.all(
      [one, two].map((node) => node.serveTcp(nodePort, (socket) => void socket.pipe(socket))),
    );
    const address = await expose(name, annotations);
    const client = world.outside.dial({ address, port: 8080 });
    client.write('a');
    await once(client, 'data');
    return client;
  }

  /** Resolves when the connection is over, however it ended. */
  const over = (socket: Socket) =>
    new Promise((resolve) => {
      socket.resume().once('close', resolve);
    });

  const isGone = (name: string) =>
    world.service(name, (service) => (service === undefined ? true : undefined));
  const remove = (name: string) =>
    world.server.client.delete(serviceKind, { name, namespace: 'default' });

  test('a deleted Service leaves nothing but its Events', async () => {
    await one.serveTcp(nodePort);
    await expose('brief');
    await remove('brief');
    await isGone('brief');
    const events = await world.told('brief', ({ length }) => length === 4);
    assert.deepEqual(events.slice(2), [
      'Normal DeletingLoadBalancer: Deleting load balancer',
      'Normal DeletedLoadBalancer: Deleted load balancer',
    ]);
    assert.deepEqual(world.cloud.list(), []);
    assert.deepEqual(world.publisher.list(), []);
    await world.outside.untilNoAddress();
  });

  test('open connections of a deleted Service end in their own time', async () => {
    const client = await talk('drained');
    await remove('drained');
    await isGone('drained');
    const [address = ''] = world.outside.externalAddresses();
    assert.equal(await world.outside.ask({ address, port: 8080 }), '');
    client.end('b');
    assert.equal(await text(client), 'b');
    await world.outside.untilNoAddress();
  });

  test('without draining they are reset', async () => {
    const client = await talk('cut', { [`${PREFIX}connection-draining-enabled`]: 'false' });
    const failed = once(client, 'error');
    client.resume();
    await remove('cut');
    const [error] = (await failed) as [NodeJS.ErrnoException];
    assert.equal(error.code, 'ECONNRESET');
  });

  test('a node that leaves drains, and the drain has an end', async () => {
    const client = await talk('left', { [`${PREFIX}connection-draining-timeout`]: '1' });
    const closed = over(client);
    const before = await world.listed('left', (summary) =>
      (summary?.nodes ?? []).some(({ connections }) => connections === 1),
    );
    const holder = before?.nodes.find(({ connections }) => connections === 1)?.node;
    const node = holder === one.name ? one : two;
    const label = 'node.kubernetes.io/exclude-from-external-load-balancers';
    await world.patchNode(node, { metadata: { labels: { [label]: '' } } });
    await world.listed('left', (summary) => summary?.nodes.length === 1);
    client.write('b');
    const [answer] = (await once(client, 'data')) as [Buffer];
    assert.equal(answer.toString(), 'b');
    // What the kernel carries is told of the end when it speaks again.
    const speaking = setInterval(() => client.write('c'), 20);
    await closed;
    clearInterval(speaking);
    await world.told('left', (events) =>
      events.includes('Normal UpdatedLoadBalancer: Updated load balancer with new hosts'),
    );
    await world.patchNode(node, { metadata: { labels: { [label]: null } } });
    await world.listed('left', (summary) => summary?.nodes.length === 2);
  });

  test('a silent connection ends when the idle timeout is set', async () => {
    const client = await talk('idle', { [`${PREFIX}connection-idle-timeout`]: '1' });
    await over(client);
  });

  test('changes of type go both ways and leave no status', async () => {
    await one.serveTcp(nodePort);
    await world.createService('turn', {
      ports: [{ port: 8080, nodePort }],
      spec: { type: 'NodePort' },
    });
    await world.patchService('turn', { spec: { type: 'LoadBalancer' } });
    await world.externalIP('turn');
    await world.patchService('turn', { spec: { type: 'ClusterIP' } });
    const service = await world.service('turn', (found) =>
      found?.metadata.finalizers === undefined ? found : undefined,
    );
    assert.deepEqual(service.status, { loadBalancer: {} });
    await world.outside.untilNoAddress();
    await world.patchService('turn', {
      spec: { type: 'LoadBalancer', ports: [{ port: 8080, protocol: 'TCP', nodePort }] },
    });
    const address = await world.externalIP('turn');
    assert.equal(await world.outside.ask({ address, port: 8080 }), 'node1');
    const events = await world.told('turn', ({ length }) => length === 7);
    assert.deepEqual(events.filter((event) => event.startsWith('Normal Type: ')).toSorted(), [
      'Normal Type: ClusterIP -> LoadBalancer',
      'Normal Type: LoadBalancer -> ClusterIP',
      'Normal Type: NodePort -> LoadBalancer',
    ]);
  });

  test('addresses outlive the daemon, and a Service of another class is left alone', async () => {
    await one.serveTcp(nodePort);
    const first = await expose('first');
    await world.createService('second', { ports: [{ port: 8080, nodePort: nodePort + 1 }] });
    const second = await world.externalIP('second');
    await world.createService('foreign', {
      ports: [{ port: 8080, nodePort: nodePort + 2 }],
      spec: { loadBalancerClass: 'example.com/other' },
    });
    await remove('first');
    await isGone('first');
    const hosts = world.cloud.list().map(({ hostAddress }) => hostAddress);
    await world.restart();
    await world.listed('second', (summary) => summary?.hostAddress !== undefined);
    assert.deepEqual(
      world.cloud.list().map(({ hostAddress }) => hostAddress),
      hosts,
    );
    assert.deepEqual(world.outside.externalAddresses(), [second]);
    assert.notEqual(first, second);
    assert.deepEqual(world.getService('foreign')?.status, { loadBalancer: {} });
    assert.equal(world.getService('foreign')?.metadata.finalizers, undefined);
  });

  test('an address that is asked for is given, or the Service is told why not', async () => {
    await world.createService('static', {
      ports: [{ port: 8080, nodePort }],
      spec: { loadBalancerIP: '172.19.7.7' },
    });
    assert.equal(await world.externalIP('static'), '172.19.7.7');
    const annotations = { [`${PREFIX}eip-allocations`]: '172.19.7.7' };
    await world.createService('late', {
      ports: [{ port: 80, nodePort: nodePort + 1 }],
      annotations,
    });
    await world.told('late', (events) =>
      events.includes(
        'Warning SyncLoadBalancerFailed: Error syncing load balancer: 172.19.7.7 is the address of Service default/static. Ask for another address, or for none.',
      ),
    );
    assert.match(world.cloud.list()[0]?.problems[0] ?? '', /^172\.19\.7\.7 is the address of/);
    await remove('static');
    assert.equal(await world.externalIP('late'), '172.19.7.7');
  });

  test('what cannot be done is told in Events', async () => {
    const holder = createServer().listen({ host: '127.19.252.1', port: 8080 });
    await once(holder, 'listening');
    await expose('odd', {
      [`${PREFIX}ssl-cert`]: 'arn:aws:acm:1',
      [`${PREFIX}healthcheck-interval`]: 'soon',
    });
    const events = await world.told('odd', ({ length }) => length >= 5);
    assert.deepEqual(events.slice(1, 3), [
      `Warning AnnotationIgnored: Ignored annotation ${PREFIX}ssl-cert: it means nothing here`,
      `Warning AnnotationIgnored: Ignored annotation ${PREFIX}healthcheck-interval: "soon" is not a whole number from 1 to 3600`,
    ]);
    assert.match(
      events[3] ?? '',
      new RegExp(
        `^Warning PublishFailed: cannot listen on 127\\.19\\.252\\.1:8080 .*${process.pid}`,
      ),
    );
    assert.equal(world.cloud.list()[0]?.problems.length, 3);
    holder.close();
  });

  test('row 12: without node ports there is no way in, and the Service is told so', async () => {
    await world.createService('portless', {
      ports: [{ port: 8080 }],
      spec: { allocateLoadBalancerNodePorts: false },
    });
    await world.told('portless', (events) =>
      events.some((event) =>
        event.startsWith(
          'Warning SyncLoadBalancerFailed: Error syncing load balancer: port 8080/TCP is not served: it has no node port',
        ),
      ),
    );
    assert.equal(world.getService('portless')?.status?.loadBalancer?.ingress, undefined);
    await world.patchService('portless', { spec: { allocateLoadBalancerNodePorts: true } });
    await world.externalIP('portless');
  });

  test('an internal one is not published on the host', async () => {
    await one.serveTcp(nodePort);
    const address = await expose('inside', { [`${PREFIX}internal`]: 'true' });
    assert.equal(await world.outside.ask({ address, port: 8080 }, two.netns), 'node1');
    assert.equal(world.cloud.list()[0]?.hostAddress, undefined);
    assert.deepEqual(world.publisher.list(), []);
    await world.patchService('inside', {
      metadata: { annotations: { [`${PREFIX}internal`]: 'false' } },
    });
    await world.listed('inside', (summary) => summary?.hostAddress !== undefined);
    assert.equal(await world.externalIP('inside'), address);
  });

  test('close takes everything away but what Services say', async () => {
    await one.serveTcp(nodePort);
    const address = await expose('stays');
    await world.cloud.close();
    assert.deepEqual(world.outside.externalAddresses(), []);
    assert.deepEqual(world.publisher.list(), []);
    assert.equal(await world.outside.ask({ address, port: 8080 }), '');
    await world.restart();
    await world.listed('stays', (summary) => summary?.hostAddress !== undefined);
    assert.equal(await world.outside.ask({ address, port: 8080 }), 'node1');
  });
});
