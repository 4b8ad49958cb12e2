import { describe, test } from 'node:test';
import { requireAddress } from '../ip/index.ts';
import { createBridge } from './bridge.ts';
import { changeLink, deleteLink } from './link.ts';
import { assertCaptured } from './testing/captured.ts';
import { createVeth } from './veth.ts';
import { createVxlan } from './vxlan.ts';

describe('making links is what ip does', () => {
  test('ip link add veth0 mtu 1400 address 0a:58:0a:f4:00:01 type veth peer name eth0 mtu 1400 address 0a:58:0a:f4:00:02', () => {
    assertCaptured(
      createVeth({
        name: 'veth0',
        mtu: 1400,
        mac: '0a:58:0a:f4:00:01',
        peer: { name: 'eth0', mtu: 1400, mac: '0a:58:0a:f4:00:02' },
      }),
      {
        command:
          'ip link add veth0 mtu 1400 address 0a:58:0a:f4:00:01 type veth peer name eth0 mtu 1400 address 0a:58:0a:f4:00:02',
        bytes:
          '840000001000050600000000000000000000000000000000000000000000000008000400780500000a0001000a580af4000100000a000300766574683000000044001200080001007665746838000200340001000000000000000000000000000000000008000400780500000a0001000a580af400020000090003006574683000000000',
      },
      16,
    );
  });

  test('ip link add veth1 up type veth peer name eth1 netns /proc/self/ns/net', () => {
    assertCaptured(
      createVeth({ name: 'veth1', up: true, peer: { name: 'eth1', namespaceFd: 4 } }),
      {
        command: 'ip link add veth1 up type veth peer name eth1 netns /proc/self/ns/net',
        bytes:
          '64000000100005060000000000000000000000000000000001000000010000000a00030076657468310000003800120008000100766574682c000200280001000000000000000000000000000000000008001c0004000000090003006574683100000000',
      },
      16,
    );
  });

  test('ip link add br0 up type bridge', () => {
    assertCaptured(
      createBridge({ name: 'br0', up: true }),
      {
        command: 'ip link add br0 up type bridge',
        bytes:
          '38000000100005060000000000000000000000000000000001000000010000000800030062723000100012000a0001006272696467650000',
      },
      16,
    );
  });

  test('ip link add vx0 type vxlan id 42 local 172.18.0.2 dev br0 nolearning dstport 8472', () => {
    assertCaptured(
      createVxlan({
        name: 'vx0',
        id: 42,
        local: requireAddress('172.18.0.2'),
        lower: 6,
        learning: false,
        port: 8472,
      }),
      {
        command:
          'ip link add vx0 type vxlan id 42 local 172.18.0.2 dev br0 nolearning dstport 8472',
        bytes:
          '640000001000050600000000000000000000000000000000000000000000000008000300767830003c0012000900010076786c616e0000002c0002000800030006000000080001002a00000008000400ac120002050007000000000006000f0021180000',
      },
      16,
    );
  });

  test('ip link add vx6 type vxlan id 43 local fd00::2 dev br0 learning dstport 4789', () => {
    assertCaptured(
      createVxlan({
        name: 'vx6',
        id: 43,
        local: requireAddress('fd00::2'),
        lower: 6,
        learning: true,
        port: 4789,
      }),
      {
        command: 'ip link add vx6 type vxlan id 43 local fd00::2 dev br0 learning dstport 4789',
        bytes:
          '70000000100005060000000000000000000000000000000000000000000000000800030076783600480012000900010076786c616e000000380002000800030006000000080001002b00000014001100fd000000000000000000000000000002050007000100000006000f0012b50000',
      },
      16,
    );
  });
});

describe('changing links is what ip does', () => {
  test('ip link set veth0 master br0 up', () => {
    assertCaptured(
      changeLink(3, { master: 6, up: true }),
      {
        command: 'ip link set veth0 master br0 up',
        bytes: '280000001000050000000000000000000000000003000000010000000100000008000a0006000000',
      },
      16,
    );
  });

  test('ip link set veth0 mtu 1300', () => {
    assertCaptured(
      changeLink(3, { mtu: 1300 }),
      {
        command: 'ip link set veth0 mtu 1300',
        bytes: '28000000100005000000000000000000000000000300000000000000000000000800040014050000',
      },
      16,
    );
  });

  test('ip link set veth0 address 0a:58:0a:f4:00:09', () => {
    assertCaptured(
      changeLink(3, { mac: '0a:58:0a:f4:00:09' }),
      {
        command: 'ip link set veth0 address 0a:58:0a:f4:00:09',
        bytes:
          '2c000000100005000000000000000000000000000300000000000000000000000a0001000a580af400090000',
      },
      16,
    );
  });

  test('ip link set veth1 name other', () => {
    assertCaptured(
      changeLink(5, { name: 'other' }),
      {
        command: 'ip link set veth1 name other',
        bytes:
          '2c000000100005000000000000000000000000000500000000000000000000000a0003006f74686572000000',
      },
      16,
    );
  });

  test('ip link set other nomaster down', () => {
    assertCaptured(
      changeLink(5, { master: 0, up: false }),
      {
        command: 'ip link set other nomaster down',
        bytes: '280000001000050000000000000000000000000005000000000000000100000008000a0000000000',
      },
      16,
    );
  });

  test('ip link set other netns /proc/self/ns/net', () => {
    assertCaptured(
      changeLink(5, { namespaceFd: 4 }),
      {
        command: 'ip link set other netns /proc/self/ns/net',
        bytes: '280000001000050000000000000000000000000005000000000000000000000008001c0004000000',
      },
      16,
    );
  });

  test('ip link delete other', () => {
    assertCaptured(
      deleteLink(5),
      {
        command: 'ip link delete other',
        bytes: '2000000011000500000000000000000000000000050000000000000000000000',
      },
      16,
    );
  });
});
