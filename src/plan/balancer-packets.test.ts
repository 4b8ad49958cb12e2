import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Socket } from 'node:net';
import { after, before, beforeEach, describe, test } from 'node:test';
import { requireAddress } from '../ip/index.ts';
import { addAddress, deleteAddress } from '../netlink/index.ts';
import { assertDropped } from './testing/dropped.ts';
import { capturesOf } from './testing/services.ts';
import { ask, serveAll, survey, type Listening } from './testing/talk.ts';
import { World, type Host } from './testing/world.ts';

const PORT = 8080;
const nodePort = { host: '172.18.0.2', port: 30080 };
const vip = { host: '172.18.9.1', port: PORT };
const vip6 = { host: 'fd00:18:9::1', port: PORT };
const MANY = 32;

/** The client is outside the cluster; its addresses stand for a load balancer's where the balancer must see packets. */
describe('packets to load balancers and external addresses', () => {
  let world: World;
  let listening: Listening;

  before(async () => {
    world = new World();
    listening = await serveAll(world.test, [world.podA, world.podB, world.client], [PORT]);
  });

  after(async () => {
    await listening.close();
    world.dispose();
  });

  beforeEach(() => world.programmer.apply('default/web', []));

  type Options = Partial<Parameters<typeof capturesOf>[0]>;
  function expose(options: Options): void {
    const captures = capturesOf({
      targetPort: PORT,
      port: PORT,
      nodePort: 30080,
      backends: [world.podA, { ...world.podB, nodeName: 'node-2' }],
      loadBalancerIPs: [vip.host, vip6.host],
      ...options,
      spec: { type: 'LoadBalancer', ...options.spec },
    });
    world.programmer.apply('default/web', captures);
  }

  const seen = (from: Host, to: typeof vip): Promise<{ servers: string[]; sources: string[] }> =>
    survey(MANY, () => ask(world.test, from, to));

  test('row 8: the address of a load balancer is served by the node itself', async () => {
    expose({});
    const both = { servers: ['pod-a', 'pod-b'], sources: ['172.18.0.2'] };
    assert.deepEqual(await seen(world.client, vip), both);
    assert.deepEqual((await seen(world.client, vip6)).servers, ['pod-a', 'pod-b']);
    assert.deepEqual((await seen(world.podA, vip)).servers, ['pod-a', 'pod-b']);
    assert.deepEqual((await seen(world.node, vip)).servers, ['pod-a', 'pod-b']);
  });

  test('row 9: with ipMode Proxy the balancer sees the packets', async () => {
    const balancer = { host: world.client.addresses[0], port: PORT };
    const options = { loadBalancerIPs: [balancer.host], backends: [world.podB] };
    expose({ ...options, ipMode: 'VIP' });
    assert.equal((await ask(world.test, world.podA, balancer)).server, 'pod-b');
    expose({ ...options, ipMode: 'Proxy' });
    assert.equal((await ask(world.test, world.podA, balancer)).server, 'client');
    assert.equal((await ask(world.test, world.client, nodePort)).server, 'pod-b');
  });

  test('row 21: with external policy Local, pods and the node have all endpoints, outside those here', async () => {
    expose({ spec: { externalTrafficPolicy: 'Local', externalIPs: ['192.0.2.7'] } });
    for (const to of [vip, { host: '192.0.2.7', port: PORT }]) {
      const outside = await seen(world.client, to);
      assert.deepEqual(outside, { servers: ['pod-a'], sources: ['172.18.0.100'] });
      assert.deepEqual((await seen(world.podA, to)).servers, ['pod-a', 'pod-b']);
      const node = await seen(world.node, to);
      assert.deepEqual(node, { servers: ['pod-a', 'pod-b'], sources: ['172.18.0.2'] });
    }
  });

  test('row 11: only sources in range reach the address of a load balancer', async () => {
    const ranges = (...loadBalancerSourceRanges: string[]): Options => ({
      spec: { loadBalancerSourceRanges },
    });
    expose(ranges('192.0.2.0/24', 'fd00:99::/64'));
    for (const from of [world.client, world.podA, world.node]) {
      await assertDropped(world, from, vip);
      await assertDropped(world, from, vip6);
    }
    const others = [nodePort, { host: '10.96.0.1', port: PORT }];
    for (const to of others) assert.ok(await ask(world.test, world.client, to));
    expose(ranges('192.0.2.0/24', '172.18.0.64/26', '172.18.0.100/32', 'fd00:18::/64'));
    assert.ok(await ask(world.test, world.client, vip));
    assert.ok(await ask(world.test, world.client, vip6));
    await assertDropped(world, world.podA, vip);
    await assertDropped(world, world.node, vip);
    expose({});
    assert.ok(await ask(world.test, world.podA, vip));
  });

  test('row 11: a block is taken at its own length, of all the lengths there are', async () => {
    // 172.18.0.0 is the first address of the client's /16, too: only the /26 is in range.
    expose({ spec: { loadBalancerSourceRanges: ['172.18.0.0/26', '10.99.0.0/16'] } });
    await assertDropped(world, world.client, vip);
    const others = Array.from({ length: 12 }, (_, index) => `192.${index}.0.0/${index + 20}`);
    expose({ spec: { loadBalancerSourceRanges: ['10.99.0.0/16', ...others] } });
    await assertDropped(world, world.client, vip);
    expose({ spec: { loadBalancerSourceRanges: [...others, '172.18.0.100/32'] } });
    assert.ok(await ask(world.test, world.client, vip));
    expose({ spec: { loadBalancerSourceRanges: ['0.0.0.0/0'] } });
    assert.ok(await ask(world.test, world.podA, vip));
  });

  test('row 11: a node in range reaches the address, also from that address', async () => {
    expose({ spec: { loadBalancerSourceRanges: ['172.18.0.0/26'] } });
    assert.ok(await ask(world.test, world.node, vip));
    await assertDropped(world, world.client, vip);
    // As load balancers on the node itself do: the address is the node's own, and it sends from there.
    const routes = world.test.connect(world.node.path);
    const own = { link: 1, address: requireAddress(vip.host), prefixLength: 32 };
    routes.request(addAddress(own));
    const fd = world.test.kernel.openTcp(world.node.path, 4);
    const socket = new Socket({ fd }).connect({ ...vip, localAddress: vip.host });
    const [answer] = (await once(socket, 'data')) as [Buffer];
    assert.match(answer.toString(), /"server":"pod-/);
    socket.destroy();
    routes.request(deleteAddress(own));
  });

  test('rows 3 and 11: without endpoints, who may not come in is not even refused', async () => {
    const spec = { loadBalancerSourceRanges: ['172.18.0.64/26'] };
    expose({ backends: [], spec });
    await assert.rejects(ask(world.test, world.client, vip), { code: 'ECONNREFUSED' });
    await assertDropped(world, world.podA, vip);
  });

  test('rows 11, 19 and 21 together: ranges, sessions and a Local policy', async () => {
    expose({
      spec: {
        loadBalancerSourceRanges: ['172.18.0.100/32', '10.244.0.2/32'],
        externalTrafficPolicy: 'Local',
        sessionAffinity: 'ClientIP',
      },
    });
    const outside = await seen(world.client, vip);
    assert.deepEqual(outside, { servers: ['pod-a'], sources: ['172.18.0.100'] });
    assert.equal((await seen(world.podA, vip)).servers.length, 1);
    await assertDropped(world, world.podB, vip);
  });
});
