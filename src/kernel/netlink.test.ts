import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { cidrOf, formatAddress, formatCidr, requireAddress, requireCidr } from '../ip/index.ts';
import {
  addAddress,
  addRoute,
  addRule,
  appendForwarding,
  changeLink,
  createBridge,
  createVeth,
  createVxlan,
  deleteAddress,
  deleteForwarding,
  deleteLink,
  deleteNeighbour,
  deleteRoute,
  deleteRule,
  everywhere,
  EVERY_MAC,
  findLink,
  isRefusal,
  listAddresses,
  listLinks,
  listNeighbours,
  listRoutes,
  listRules,
  replaceRoute,
  setForwarding,
  setNeighbour,
  setProxyNeighbour,
  type Connection,
  type Link,
} from '../netlink/index.ts';
import { TestKernel } from './testing/test-kernel.ts';

/** The netlink room against this machine's kernel, with `ip` as the second reader. */
describe('netlink in a real namespace', () => {
  let world: TestKernel;
  before(() => (world = new TestKernel()));
  after(() => world.dispose());

  /** A fresh namespace with a bridge that is up. */
  function fresh(name: string) {
    const path = world.namespace(name);
    const connection = world.connect(path);
    connection.request(createBridge({ name: 'br0', up: true }));
    const ip = (...words: string[]) =>
      execFileSync('nsenter', [`--net=${path}`, 'ip', ...words], { encoding: 'utf8' });
    return { path, connection, ip, bridge: get(connection, 'br0').index };
  }

  function get(connection: Connection, name: string): Link {
    const link = findLink(connection, name);
    assert.ok(link, `there is no link ${name}`);
    return link;
  }

  test('links: a veth pair across namespaces, in a bridge, changed, renamed, deleted', () => {
    const { connection, bridge } = fresh('links');
    const other = world.namespace('links-other');
    const namespaceFd = world.kernel.openNamespace(other);
    connection.request(
      createVeth({
        name: 'veth0',
        mtu: 1400,
        mac: '0a:58:0a:f4:00:01',
        master: bridge,
        up: true,
        peer: { name: 'eth0', mac: '0a:58:0a:f4:00:02', mtu: 1400, namespaceFd },
      }),
    );
    world.kernel.closeDescriptor(namespaceFd);
    const inside = world.connect(other);
    inside.request(changeLink('eth0', { up: true }));
    const peer = get(inside, 'eth0');
    const { index, ...veth } = get(connection, 'veth0');
    assert.deepEqual(veth, {
      name: 'veth0',
      kind: 'veth',
      up: true,
      running: true,
      loopback: false,
      mtu: 1400,
      mac: '0a:58:0a:f4:00:01',
      master: bridge,
      peer: peer.index,
    });
    connection.request(changeLink(index, { up: false }));
    connection.request(changeLink(index, { name: 'renamed', mtu: 1300, master: 0 }));
    const renamed = get(connection, 'renamed');
    assert.deepEqual([renamed.index, renamed.mtu, renamed.master], [index, 1300, undefined]);
    connection.request(deleteLink('renamed'));
    assert.equal(findLink(inside, 'eth0'), undefined);
  });

  test('links: moved to another namespace, with the number asked for', () => {
    const { connection } = fresh('moved');
    const target = world.namespace('moved-target');
    connection.request(
      createVeth({ name: 'veth7', index: 77, peer: { name: 'stays', index: 78 } }),
    );
    const namespaceFd = world.kernel.openNamespace(target);
    connection.request(changeLink('veth7', { namespaceFd }));
    world.kernel.closeDescriptor(namespaceFd);
    assert.equal(findLink(connection, 77), undefined);
    assert.equal(findLink(connection, 'stays')?.index, 78);
    assert.equal(get(world.connect(target), 'veth7').index, 77);
  });

  test('links: listed as ip lists them', () => {
    const { connection, ip } = fresh('listed');
    connection.request(createVeth({ name: 'veth0', peer: { name: 'eth0' } }));
    const expected = JSON.parse(ip('-json', 'link')) as { ifname: string; address: string }[];
    assert.deepEqual(
      listLinks(connection).map(({ name, mac }) => ({ name, mac })),
      expected.map(({ ifname, address }) => ({ name: ifname, mac: address })),
    );
  });

  test('vxlan: made and given forwarding entries', () => {
    const { connection, bridge, ip, path } = fresh('vxlan');
    const local = requireAddress('172.18.0.2');
    connection.request(
      createVxlan({ name: 'vx0', id: 42, port: 8472, local, lower: bridge, learning: false }),
    );
    const link = get(connection, 'vx0').index;
    const mac = '0a:58:00:00:00:07';
    const remote = requireAddress('172.18.0.3');
    connection.request(setForwarding({ link, mac, remote }));
    connection.request(appendForwarding({ link, mac: EVERY_MAC, remote }));
    const details = ip('-details', 'link', 'show', 'vx0');
    assert.match(details, /vxlan id 42 local 172\.18\.0\.2 dev br0 .*dstport 8472 nolearning/);
    const entries = () =>
      execFileSync('nsenter', [`--net=${path}`, 'bridge', 'fdb', 'show', 'dev', 'vx0'], {
        encoding: 'utf8',
      });
    assert.match(entries(), /^0a:58:00:00:00:07 dst 172\.18\.0\.3 self permanent$/m);
    assert.match(entries(), /^00:00:00:00:00:00 dst 172\.18\.0\.3 self permanent$/m);
    connection.request(deleteForwarding({ link, mac, remote }));
    assert.doesNotMatch(entries(), /0a:58/);
  });

  test('addresses: usable at once, listed, deleted', () => {
    const { connection, bridge, path } = fresh('addresses');
    const addresses = [
      { link: bridge, address: requireAddress('10.244.0.1'), prefixLength: 24 },
      { link: bridge, address: requireAddress('fd00:10:244::1'), prefixLength: 64 },
    ];
    for (const address of addresses) connection.request(addAddress(address));
    const listed = () =>
      listAddresses(connection, { link: bridge })
        .map(({ address, prefixLength }) => `${formatAddress(address)}/${prefixLength}`)
        .filter((text) => !text.startsWith('fe80'));
    assert.deepEqual(listed(), ['10.244.0.1/24', 'fd00:10:244::1/64']);
    // No duplicate address detection: an address that is tentative cannot be bound.
    const fd = world.kernel.listenTcp(path, {
      address: 'fd00:10:244::1',
      port: 80,
    });
    world.kernel.closeDescriptor(fd);
    const [first] = addresses;
    assert.ok(first);
    assert.throws(() => connection.request(addAddress(first)), { errnoName: 'EEXIST' });
    connection.request(addAddress(first, { replace: true }));
    connection.request(deleteAddress(first));
    assert.deepEqual(listed(), ['fd00:10:244::1/64']);
  });

  test('routes: of both families, on link and through next hops, replaced, deleted', () => {
    const { connection, bridge: link } = fresh('routes');
    const address = requireAddress('172.18.0.2');
    connection.request(addAddress({ link, address, prefixLength: 16 }));
    const routes = [
      { destination: requireCidr('10.244.0.5/32'), link },
      { destination: requireCidr('10.244.1.0/24'), link, via: requireAddress('172.18.0.3') },
      { destination: requireCidr('10.244.2.0/24'), link, via: requireAddress('fe80::1') },
      { destination: everywhere(4), link, via: requireAddress('169.254.1.1'), onlink: true },
      { destination: requireCidr('10.9.0.0/16'), type: 'blackhole' },
      { destination: requireCidr('fd00:10:244::5/128'), link, metric: 1024 },
      { destination: everywhere(6), link, via: requireAddress('fe80::1'), onlink: true, metric: 9 },
    ] as const;
    for (const route of routes) connection.request(addRoute(route));
    const own = () => listRoutes(connection).filter(({ protocol }) => protocol === 4);
    for (const route of routes) {
      const found = own().find(
        ({ destination }) => formatCidr(destination) === formatCidr(route.destination),
      );
      const { protocol, table, ...rest } = found ?? { protocol: 0, table: 0 };
      assert.deepEqual([protocol, table], [4, 254]);
      assert.deepEqual(rest, { type: 'unicast', ...route });
    }
    const via = requireAddress('172.18.0.9');
    connection.request(replaceRoute({ destination: requireCidr('10.244.1.0/24'), link, via }));
    assert.equal(own().length, routes.length);
    for (const route of routes) {
      connection.request(deleteRoute({ destination: route.destination }));
    }
    assert.deepEqual(own(), []);
  });

  test('neighbours: permanent, replaced, deleted', () => {
    const { connection, bridge: link, ip } = fresh('neighbours');
    const written = () => listNeighbours(connection, { link }).filter(({ permanent }) => permanent);
    for (const text of ['10.244.0.5', 'fd00::5']) {
      const address = requireAddress(text);
      for (const mac of ['0a:58:00:00:00:01', '0a:58:00:00:00:02']) {
        connection.request(setNeighbour({ link, address, mac }));
        assert.deepEqual(written(), [{ link, address, mac, permanent: true }]);
      }
      connection.request(deleteNeighbour({ link, address }));
      assert.deepEqual(written(), []);
    }
    connection.request(setProxyNeighbour({ link, address: requireAddress('169.254.1.1') }));
    assert.match(ip('neigh', 'show', 'proxy'), /^169\.254\.1\.1 dev br0 proxy/m);
  });

  test('rules: added, listed in order, deleted', () => {
    const { connection } = fresh('rules');
    for (const family of [4, 6] as const) {
      const mark = { value: 0x4000, mask: 0x4000 };
      const source = cidrOf({ family, value: 0n }, 8);
      const rule = { family, priority: 100, action: 'table', table: 300, mark } as const;
      connection.request(addRule({ ...rule, source }));
      const own = () =>
        listRules(connection, { family }).filter(({ priority }) => priority === 100);
      assert.deepEqual(own(), [{ ...rule, source }]);
      assert.throws(() => connection.request(addRule({ ...rule, source })), {
        errnoName: 'EEXIST',
      });
      connection.request(deleteRule({ family, priority: 100 }));
      assert.deepEqual(own(), []);
    }
  });

  test('a refusal has what was asked and the words of the kernel', () => {
    const { connection } = fresh('refusals');
    const destination = requireCidr('10.9.0.0/16');
    assert.throws(
      () => connection.request(addRoute({ destination, via: requireAddress('1.2.3.4') })),
      {
        errnoName: 'ENETUNREACH',
        kernelMessage: 'Nexthop has invalid gateway',
        message:
          'cannot add route 10.9.0.0/16 via 1.2.3.4: ENETUNREACH (Nexthop has invalid gateway)',
      },
    );
  });

  test('a refusal of something that cannot be done says why', () => {
    const { connection, bridge } = fresh('immutable');
    const namespaceFd = world.kernel.openNamespace(world.namespace('immutable-target'));
    assert.throws(() => connection.request(changeLink(bridge, { namespaceFd })), {
      message: new RegExp(`^cannot change link ${bridge} \\(namespaceFd\\): EINVAL \\(.*immutable`),
    });
    world.kernel.closeDescriptor(namespaceFd);
  });

  test('a refusal points at the attribute that is wrong', () => {
    const { connection } = fresh('offsets');
    const long = 'a-name-of-more-than-fifteen';
    assert.throws(
      () => connection.request(createBridge({ name: long })),
      (error) =>
        isRefusal(error, 'EINVAL', 'ERANGE') &&
        // The first attribute, behind struct nlmsghdr and struct ifinfomsg.
        error.offset === 32 &&
        error.message.startsWith(`cannot add bridge link ${long}`),
    );
  });
});
