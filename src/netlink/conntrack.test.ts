import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { requireAddress } from '../ip/index.ts';
import { Connection } from './connection.ts';
import { IPS_ASSURED, IPS_DST_NAT, IPS_SRC_NAT, readConntrack } from './conntrack-entry.ts';
import { matchesConntrack } from './conntrack-filter.ts';
import { deleteConntrack, listConntrack } from './conntrack.ts';
import { acknowledge, dumpOf, FakeNetlinkSocket, inTurn, refuse } from './testing/fake-socket.ts';
import { reply } from './testing/replies.ts';

const loopback = requireAddress('127.0.0.1');
const service = requireAddress('10.96.0.1');
const both = dumpOf([reply('conntrackTcp'), reply('conntrackUdp')]);

describe('a tracked connection', () => {
  test('is read with both directions, mark and state', () => {
    const entry = readConntrack(reply('conntrackTcp'));
    assert.ok(entry);
    const { key, status, ...rest } = entry;
    assert.deepEqual(rest, {
      original: {
        source: loopback,
        destination: service,
        protocol: 6,
        sourcePort: 54_538,
        destinationPort: 80,
      },
      reply: {
        source: loopback,
        destination: loopback,
        protocol: 6,
        sourcePort: 8080,
        destinationPort: 54_538,
      },
      zone: 0,
      mark: 0x42,
      timeout: 431_999,
      tcpState: 'ESTABLISHED',
    });
    assert.equal(key.family, 2);
    assert.equal(status & (IPS_ASSURED | IPS_DST_NAT | IPS_SRC_NAT), IPS_ASSURED | IPS_DST_NAT);
  });

  test('has no TCP state when it is UDP', () => {
    assert.equal(readConntrack(reply('conntrackUdp'))?.tcpState, undefined);
  });
});

describe('a filter', () => {
  const entry = readConntrack(reply('conntrackTcp'));
  assert.ok(entry);
  for (const [filter, expected] of [
    [{}, true],
    [{ originalDestination: service, originalDestinationPort: 80, protocol: 6 }, true],
    [{ replySource: loopback, replySourcePort: 8080 }, true],
    [{ originalSource: loopback, zone: 0, family: 4 }, true],
    [{ originalDestination: loopback }, false],
    [{ originalSource: service }, false],
    [{ originalDestinationPort: 8080 }, false],
    [{ replySource: service }, false],
    [{ replySourcePort: 80 }, false],
    [{ protocol: 17 }, false],
    [{ zone: 1 }, false],
    [{ family: 6 }, false],
  ] as const) {
    const text = Object.keys(filter).join(', ') || 'nothing';
    test(`of ${text} ${expected ? 'matches' : 'does not match'}`, () => {
      assert.equal(matchesConntrack(entry, filter), expected);
    });
  }
});

describe('deleteConntrack', () => {
  test('names each matching connection as the kernel did', () => {
    const socket = new FakeNetlinkSocket(inTurn(both, acknowledge()));
    const count = deleteConntrack(new Connection(socket), { originalDestinationPort: 80 });
    assert.equal(count, 1);
    const [, deletion] = socket.requests;
    // IPCTNL_MSG_CT_DELETE of subsystem 1; header, CTA_TUPLE_ORIG and CTA_ID.
    assert.equal(deletion?.type, 0x102);
    assert.equal(
      deletion?.body.toString('hex'),
      [
        '02000000',
        '3400018014000180080001007f000001080002000a6000011c000280050001000600000006000200d50a00000600030000500000',
        '08000c009e7eb159',
      ].join(''),
    );
  });

  test('does not count a connection that ended meanwhile', () => {
    const socket = new FakeNetlinkSocket(inTurn(both, refuse(2), acknowledge()));
    assert.equal(deleteConntrack(new Connection(socket), {}), 1);
  });

  test('passes other refusals on', () => {
    const socket = new FakeNetlinkSocket(inTurn(both, refuse(1)));
    assert.throws(() => deleteConntrack(new Connection(socket), {}), { errnoName: 'EPERM' });
  });
});

describe('listConntrack', () => {
  test('gives what matches', () => {
    const connection = new Connection(new FakeNetlinkSocket(both));
    assert.equal(listConntrack(connection).length, 2);
    assert.equal(listConntrack(connection, { protocol: 17 }).length, 1);
  });

  test('has the kernel filter by protocol and port where it can', () => {
    const socket = new FakeNetlinkSocket(both);
    const connection = new Connection(socket);
    listConntrack(connection, { family: 4, protocol: 17 });
    listConntrack(connection, { family: 4, protocol: 17, originalDestinationPort: 53 });
    listConntrack(connection, { protocol: 17 });
    assert.deepEqual(
      socket.requests.map(({ body }) => body.toString('hex')),
      [
        // Header, CTA_TUPLE_ORIG with the protocol, CTA_FILTER with the flags.
        '02000000100001800c00028005000100110000000c0019800800010008000000',
        '020000001800018014000280050001001100000006000300003500000c0019800800010028000000',
        '00000000',
      ],
    );
  });
});
