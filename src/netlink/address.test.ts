import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { requireAddress } from '../ip/index.ts';
import { addAddress, deleteAddress, listAddresses } from './address.ts';
import { Connection } from './connection.ts';
import { assertCaptured } from './testing/captured.ts';
import { dumpOf, FakeNetlinkSocket } from './testing/fake-socket.ts';
import { reply } from './testing/replies.ts';

const v4 = { link: 6, address: requireAddress('10.244.0.1'), prefixLength: 24 };

describe('addresses are what ip makes of them', () => {
  test('ip addr add 10.244.0.1/24 dev br0', () => {
    assertCaptured(
      addAddress(v4),
      {
        command: 'ip addr add 10.244.0.1/24 dev br0',
        bytes: '280000001400050600000000000000000218000006000000080002000af40001080001000af40001',
      },
      8,
    );
  });

  test('ip addr replace 10.244.0.1/24 dev br0', () => {
    assertCaptured(
      addAddress(v4, { replace: true }),
      {
        command: 'ip addr replace 10.244.0.1/24 dev br0',
        bytes: '280000001400050500000000000000000218000006000000080002000af40001080001000af40001',
      },
      8,
    );
  });

  test('ip addr add fd00:10:244::1/64 dev br0 nodad', () => {
    assertCaptured(
      addAddress({ link: 6, address: requireAddress('fd00:10:244::1'), prefixLength: 64 }),
      {
        command: 'ip addr add fd00:10:244::1/64 dev br0 nodad',
        bytes:
          '400000001400050600000000000000000a4002000600000014000200fd00001002440000000000000000000114000100fd000010024400000000000000000001',
      },
      8,
    );
  });

  test('ip addr del 10.244.0.1/24 dev br0', () => {
    assertCaptured(
      deleteAddress(v4),
      {
        command: 'ip addr del 10.244.0.1/24 dev br0',
        bytes: '280000001500050000000000000000000218000006000000080002000af40001080001000af40001',
      },
      8,
    );
  });
});
describe('addresses are read', () => {
  test('of both families, of the interface asked for', () => {
    const [v4, v6] = [reply('address4'), reply('address6')];
    const connection = new Connection(new FakeNetlinkSocket(dumpOf([v4, v6])));
    const addresses = [
      { link: 2, address: requireAddress('172.18.0.2'), prefixLength: 16 },
      { link: 2, address: requireAddress('fd00:10:244::1'), prefixLength: 64 },
    ];
    assert.deepEqual(listAddresses(connection), addresses);
    assert.deepEqual(listAddresses(connection, { link: 3 }), []);
  });
});
