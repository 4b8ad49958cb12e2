import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { requireAddress } from '../ip/index.ts';
import { appendForwarding, deleteForwarding, EVERY_MAC, setForwarding } from './forwarding.ts';
import { Connection } from './connection.ts';
import { deleteNeighbour, listNeighbours, setNeighbour, setProxyNeighbour } from './neighbour.ts';
import { assertCaptured } from './testing/captured.ts';
import { dumpOf, FakeNetlinkSocket } from './testing/fake-socket.ts';
import { reply } from './testing/replies.ts';

const mac = '0a:58:0a:f4:00:02';
const remote = requireAddress('172.18.0.3');

describe('neighbours are what ip makes of them', () => {
  test('ip neigh replace 10.244.0.5 lladdr 0a:58:0a:f4:00:02 dev br0', () => {
    assertCaptured(
      setNeighbour({ link: 6, address: requireAddress('10.244.0.5'), mac }),
      {
        command: 'ip neigh replace 10.244.0.5 lladdr 0a:58:0a:f4:00:02 dev br0',
        bytes:
          '300000001c0005050000000000000000020000000600000080000000080001000af400050a0002000a580af400020000',
      },
      12,
    );
  });

  test('ip neigh replace fd00::5 lladdr 0a:58:0a:f4:00:02 dev br0 nud permanent', () => {
    assertCaptured(
      setNeighbour({ link: 6, address: requireAddress('fd00::5'), mac }),
      {
        command: 'ip neigh replace fd00::5 lladdr 0a:58:0a:f4:00:02 dev br0 nud permanent',
        bytes:
          '3c0000001c00050500000000000000000a000000060000008000000014000100fd0000000000000000000000000000050a0002000a580af400020000',
      },
      12,
    );
  });

  test('ip neigh replace proxy 10.244.0.9 dev br0', () => {
    assertCaptured(
      setProxyNeighbour({ link: 6, address: requireAddress('10.244.0.9') }),
      {
        command: 'ip neigh replace proxy 10.244.0.9 dev br0',
        bytes: '240000001c0005050000000000000000020000000600000080000800080001000af40009',
      },
      12,
    );
  });

  test('ip neigh del 10.244.0.5 dev br0', () => {
    assertCaptured(
      deleteNeighbour({ link: 6, address: requireAddress('10.244.0.5') }),
      {
        command: 'ip neigh del 10.244.0.5 dev br0',
        bytes: '240000001d0005000000000000000000020000000600000080000000080001000af40005',
      },
      12,
    );
  });
});

describe('forwarding entries are what bridge makes of them', () => {
  test('bridge fdb append 00:00:00:00:00:00 dev vx0 dst 172.18.0.3', () => {
    assertCaptured(
      appendForwarding({ link: 7, mac: EVERY_MAC, remote }),
      {
        command: 'bridge fdb append 00:00:00:00:00:00 dev vx0 dst 172.18.0.3',
        bytes:
          '300000001c00050c00000000000000000700000007000000c00002000a000200000000000000000008000100ac120003',
      },
      12,
    );
  });

  test('bridge fdb replace 0a:58:00:00:00:07 dev vx0 dst 172.18.0.3', () => {
    assertCaptured(
      setForwarding({ link: 7, mac: '0a:58:00:00:00:07', remote }),
      {
        command: 'bridge fdb replace 0a:58:00:00:00:07 dev vx0 dst 172.18.0.3',
        bytes:
          '300000001c00050500000000000000000700000007000000c00002000a0002000a5800000007000008000100ac120003',
      },
      12,
    );
  });

  test('bridge fdb del 0a:58:00:00:00:07 dev vx0 dst 172.18.0.3', () => {
    assertCaptured(
      deleteForwarding({ link: 7, mac: '0a:58:00:00:00:07', remote }),
      {
        command: 'bridge fdb del 0a:58:00:00:00:07 dev vx0 dst 172.18.0.3',
        bytes:
          '300000001d00050000000000000000000700000007000000c00002000a0002000a5800000007000008000100ac120003',
      },
      12,
    );
  });
});
describe('neighbours are read', () => {
  test('permanent or not', () => {
    const messages = [reply('neighbour'), reply('neighbourMulticast')];
    const connection = new Connection(new FakeNetlinkSocket(dumpOf(messages)));
    assert.deepEqual(listNeighbours(connection, { link: 2 }), [
      { link: 2, address: requireAddress('172.18.0.3'), mac, permanent: true },
      {
        link: 2,
        address: requireAddress('ff02::16'),
        mac: '33:33:00:00:00:16',
        permanent: false,
      },
    ]);
  });
});
