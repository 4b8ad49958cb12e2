import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { requireAddress, requireCidr } from '../ip/index.ts';
import { Connection } from './connection.ts';
import { listRoutes, readRoute } from './route-list.ts';
import { dumpOf, FakeNetlinkSocket } from './testing/fake-socket.ts';
import { reply } from './testing/replies.ts';

describe('routes are read', () => {
  test('with next hop, metric and MTU', () => {
    assert.deepEqual(readRoute(reply('routeVia')), {
      destination: requireCidr('10.244.1.0/24'),
      type: 'unicast',
      table: 254,
      protocol: 4,
      link: 2,
      via: requireAddress('172.18.0.3'),
      metric: 7,
      mtu: 1280,
    });
  });

  test('of a table beyond 255, with a source address', () => {
    assert.deepEqual(readRoute(reply('routeLocal')), {
      destination: requireCidr('10.0.0.0/8'),
      type: 'local',
      table: 300,
      protocol: 3,
      link: 1,
      source: requireAddress('127.0.0.1'),
    });
  });

  test('without an interface', () => {
    assert.deepEqual(readRoute(reply('routeBlackhole')), {
      destination: requireCidr('10.9.0.0/16'),
      type: 'blackhole',
      table: 254,
      protocol: 3,
    });
  });

  test('through a next hop of the other family', () => {
    assert.deepEqual(readRoute(reply('routeOtherFamily')), {
      destination: requireCidr('10.244.2.0/24'),
      type: 'unicast',
      table: 254,
      protocol: 3,
      link: 2,
      via: requireAddress('fe80::1'),
      onlink: true,
    });
  });

  test('of IPv6', () => {
    const route = readRoute(reply('route6'));
    assert.deepEqual(route?.destination, requireCidr('fd00:10:244::/64'));
    assert.equal(route?.metric, 256);
  });

  test('of the table that is asked for, the main one by default', () => {
    const messages = [reply('routeVia'), reply('routeLocal')];
    const connection = new Connection(new FakeNetlinkSocket(dumpOf(messages)));
    assert.deepEqual(
      [listRoutes(connection), listRoutes(connection, { table: 300 })].map((routes) =>
        routes.map(({ table }) => table),
      ),
      [[254], [300]],
    );
  });
});
