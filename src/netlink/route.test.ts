import { describe, test } from 'node:test';
import { requireAddress, requireCidr } from '../ip/index.ts';
import { addRoute, appendRoute, deleteRoute, everywhere, replaceRoute } from './route.ts';
import { assertCaptured } from './testing/captured.ts';

describe('routes are what ip makes of them', () => {
  test('ip route add 10.244.1.0/24 via 172.18.0.3 dev br0 proto static', () => {
    assertCaptured(
      addRoute({
        destination: requireCidr('10.244.1.0/24'),
        via: requireAddress('172.18.0.3'),
        link: 6,
      }),
      {
        command: 'ip route add 10.244.1.0/24 via 172.18.0.3 dev br0 proto static',
        bytes:
          '3400000018000506000000000000000002180000fe04000100000000080001000af4010008000500ac1200030800040006000000',
      },
      12,
    );
  });

  test('ip route replace 10.244.0.5/32 dev veth0 scope link proto static', () => {
    assertCaptured(
      replaceRoute({ destination: requireCidr('10.244.0.5/32'), link: 3 }),
      {
        command: 'ip route replace 10.244.0.5/32 dev veth0 scope link proto static',
        bytes:
          '2c00000018000505000000000000000002200000fe04fd0100000000080001000af400050800040003000000',
      },
      12,
    );
  });

  test('ip route add default via 169.254.1.1 dev eth0 onlink proto static', () => {
    assertCaptured(
      addRoute({
        destination: everywhere(4),
        via: requireAddress('169.254.1.1'),
        link: 2,
        onlink: true,
      }),
      {
        command: 'ip route add default via 169.254.1.1 dev eth0 onlink proto static',
        bytes:
          '2c00000018000506000000000000000002000000fe0400010400000008000500a9fe01010800040002000000',
      },
      12,
    );
  });

  test('ip route add 10.244.2.0/24 via inet6 fe80::1 dev br0 proto static', () => {
    assertCaptured(
      addRoute({
        destination: requireCidr('10.244.2.0/24'),
        via: requireAddress('fe80::1'),
        link: 6,
      }),
      {
        command: 'ip route add 10.244.2.0/24 via inet6 fe80::1 dev br0 proto static',
        bytes:
          '4400000018000506000000000000000002180000fe04000100000000080001000af40200160012000a00fe80000000000000000000000000000100000800040006000000',
      },
      12,
    );
  });

  test('ip route append 10.244.1.0/24 via 172.18.0.9 dev br0 proto static metric 7', () => {
    assertCaptured(
      appendRoute({
        destination: requireCidr('10.244.1.0/24'),
        via: requireAddress('172.18.0.9'),
        link: 6,
        metric: 7,
      }),
      {
        command: 'ip route append 10.244.1.0/24 via 172.18.0.9 dev br0 proto static metric 7',
        bytes:
          '3c0000001800050c000000000000000002180000fe04000100000000080001000af4010008000500ac12000908000600070000000800040006000000',
      },
      12,
    );
  });

  test('ip route add blackhole 10.244.0.0/16 proto static', () => {
    assertCaptured(
      addRoute({ type: 'blackhole', destination: requireCidr('10.244.0.0/16') }),
      {
        command: 'ip route add blackhole 10.244.0.0/16 proto static',
        bytes: '2400000018000506000000000000000002100000fe04000600000000080001000af40000',
      },
      12,
    );
  });

  test('ip route add local 10.0.0.0/8 dev lo table 300 proto static src 127.0.0.1', () => {
    assertCaptured(
      addRoute({
        type: 'local',
        destination: requireCidr('10.0.0.0/8'),
        link: 1,
        table: 300,
        source: requireAddress('127.0.0.1'),
      }),
      {
        command: 'ip route add local 10.0.0.0/8 dev lo table 300 proto static src 127.0.0.1',
        bytes:
          '3c000000180005060000000000000000020800000004fe0200000000080001000a00000008000f002c010000080007007f0000010800040001000000',
      },
      12,
    );
  });

  test('ip route add 10.9.0.0/16 dev br0 mtu 1280 proto static', () => {
    assertCaptured(
      addRoute({ destination: requireCidr('10.9.0.0/16'), link: 6, mtu: 1280 }),
      {
        command: 'ip route add 10.9.0.0/16 dev br0 mtu 1280 proto static',
        bytes:
          '3800000018000506000000000000000002100000fe04fd0100000000080001000a09000008000400060000000c0008000800020000050000',
      },
      12,
    );
  });

  test('ip -6 route add fd00:10:244:1::/64 via fd00:10:244::2 dev br0 proto static', () => {
    assertCaptured(
      addRoute({
        destination: requireCidr('fd00:10:244:1::/64'),
        via: requireAddress('fd00:10:244::2'),
        link: 6,
      }),
      {
        command: 'ip -6 route add fd00:10:244:1::/64 via fd00:10:244::2 dev br0 proto static',
        bytes:
          '4c0000001800050600000000000000000a400000fe0400010000000014000100fd00001002440001000000000000000014000500fd0000100244000000000000000000020800040006000000',
      },
      12,
    );
  });

  test('ip -6 route add unreachable fd00:20::/64 proto static metric 5', () => {
    assertCaptured(
      addRoute({ type: 'unreachable', destination: requireCidr('fd00:20::/64'), metric: 5 }),
      {
        command: 'ip -6 route add unreachable fd00:20::/64 proto static metric 5',
        bytes:
          '380000001800050600000000000000000a400000fe0400070000000014000100fd0000200000000000000000000000000800060005000000',
      },
      12,
    );
  });

  test('ip route del 10.244.1.0/24 via 172.18.0.3 dev br0', () => {
    assertCaptured(
      deleteRoute({
        destination: requireCidr('10.244.1.0/24'),
        via: requireAddress('172.18.0.3'),
        link: 6,
      }),
      {
        command: 'ip route del 10.244.1.0/24 via 172.18.0.3 dev br0',
        bytes:
          '3400000019000500000000000000000002180000fe00ff0000000000080001000af4010008000500ac1200030800040006000000',
      },
      12,
    );
  });

  test('ip route del default dev eth0', () => {
    assertCaptured(
      deleteRoute({ destination: everywhere(4), link: 2 }),
      {
        command: 'ip route del default dev eth0',
        bytes: '2400000019000500000000000000000002000000fe00ff00000000000800040002000000',
      },
      12,
    );
  });

  test('ip -6 route del fd00:10:244:1::/64', () => {
    assertCaptured(
      deleteRoute({ destination: requireCidr('fd00:10:244:1::/64') }),
      {
        command: 'ip -6 route del fd00:10:244:1::/64',
        bytes:
          '300000001900050000000000000000000a400000fe0000000000000014000100fd000010024400010000000000000000',
      },
      12,
    );
  });
});
