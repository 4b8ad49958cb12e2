import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { formatAddress } from '../../ip/index.ts';
import { readPacketHead } from './packet-head.ts';

const v4 = (protocol: string, rest: string, fragment = '0000'): Buffer =>
  Buffer.from(
    `45000028 0000${fragment} 40${protocol}0000 0af40002 0af40003 ${rest}`.replaceAll(' ', ''),
    'hex',
  );
const v6 = (next: string, rest: string): Buffer =>
  Buffer.from(
    `60000000 0014${next}40 fd001002440000000000000000000002 fd001002440000000000000000000003 ${rest}`.replaceAll(
      ' ',
      '',
    ),
    'hex',
  );

function read(packet: Buffer): unknown {
  const head = readPacketHead(packet);
  if (head === undefined) return undefined;
  const { source, destination, ...rest } = head;
  return [formatAddress(source), formatAddress(destination), ...Object.values(rest)];
}

describe('the head of a packet', () => {
  const [a, b] = ['10.244.0.2', '10.244.0.3'];
  const [a6, b6] = ['fd00:1002:4400::2', 'fd00:1002:4400::3'];

  test('has the ports of TCP, UDP and SCTP', () => {
    assert.deepEqual(read(v4('06', '04d20050')), [a, b, 6, 1234, 80]);
    assert.deepEqual(read(v4('11', '04d20035')), [a, b, 17, 1234, 53]);
    assert.deepEqual(read(v6('84', '04d2232b')), [a6, b6, 132, 1234, 9003]);
  });

  test('has no ports where there are none', () => {
    assert.deepEqual(read(v4('01', '0800f7ff')), [a, b, 1, 0, 0]);
    assert.deepEqual(read(v4('06', '04d20050', '0010')), [a, b, 6, 0, 0], 'a later fragment');
    assert.deepEqual(read(v4('06', '')), [a, b, 6, 0, 0], 'cut short');
  });

  test('is found behind options of IPv4 and extensions of IPv6', () => {
    const options = v4('06', '01010101 04d20050');
    options[0] = 0x46;
    assert.deepEqual(read(options), [a, b, 6, 1234, 80]);
    assert.deepEqual(read(v6('00', '3c00000000000000 0600000000000000 04d20050')), [
      a6,
      b6,
      6,
      1234,
      80,
    ]);
    assert.deepEqual(read(v6('2c', '1100000100000000 04d20035')), [a6, b6, 17, 1234, 53]);
  });

  test('is none where there is no IP', () => {
    for (const bytes of ['', '45', '60000000', '70000000']) {
      assert.equal(read(Buffer.from(bytes, 'hex')), undefined);
    }
  });
});
