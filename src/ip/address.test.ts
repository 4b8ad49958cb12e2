import assert from 'node:assert/strict';
import { isIP } from 'node:net';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { Fault } from '../fault/index.ts';
import {
  addressFromBytes,
  addressToBytes,
  compareAddresses,
  familyBits,
  formatAddress,
  isMapped,
  isSameAddress,
  parseAddress,
  requireAddress,
  unmap,
  type Address,
} from './address.ts';
import { anyAddress } from './testing/arbitrary.ts';

/** Text that is nearly an address: the pieces of both families in any order. */
const nearlyAddress = fc
  .array(
    fc.oneof(
      fc.constantFrom(':', '::', '.', '0', '00', '1.2.3.4', 'ffff', '%', '/', ' ', ''),
      fc.nat(300).map(String),
      fc.nat(0x1ffff).map((group) => group.toString(16)),
    ),
    { maxLength: 18 },
  )
  .map((pieces) => pieces.join(''));

/** Groups joined with colons, some left out: mostly valid IPv6 in all its spellings. */
const spelledIPv6 = fc
  .tuple(fc.array(fc.nat(0xffff), { minLength: 6, maxLength: 8 }), fc.nat(8), fc.boolean())
  .map(([groups, gap, upper]) => {
    const words = groups.map((group) => group.toString(16));
    const text = [words.slice(0, gap).join(':'), words.slice(gap).join(':')].join('::');
    return upper ? text.toUpperCase() : text;
  });

describe('parseAddress', () => {
  test('accepts exactly what node:net accepts, but for zones', () => {
    fc.assert(
      fc.property(fc.oneof(nearlyAddress, spelledIPv6, fc.ipV4(), fc.ipV6()), (text) => {
        const expected = text.includes('%') ? 0 : isIP(text);
        assert.equal(parseAddress(text)?.family ?? 0, expected, text);
      }),
      { numRuns: 2000 },
    );
  });

  for (const text of [
    '',
    '1.2.3',
    '1.2.3.4.5',
    '1.2.3.256',
    '010.0.0.1',
    '1.2.3.04',
    '1.2.3.4 ',
    '1.2.3.+4',
    '0x1.2.3.4',
    ':',
    ':::',
    '1::2::3',
    '12345::',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4::5:6:7:8',
    '1.2.3.4::',
    'fe80::1%eth0',
    '::ffff:1.2.3.04',
  ]) {
    test(`refuses ${JSON.stringify(text)}`, () => assert.equal(parseAddress(text), undefined));
  }

  test('keeps IPv4-mapped addresses in IPv6', () => {
    assert.deepEqual(parseAddress('::ffff:10.0.0.1'), { family: 6, value: 0xffff_0a00_0001n });
  });
});

describe('formatAddress', () => {
  // RFC 5952, sections 4 and 5.
  for (const [text, canonical] of [
    ['2001:0db8::0001', '2001:db8::1'],
    ['2001:db8:0:0:0:0:2:1', '2001:db8::2:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:DB8::A', '2001:db8::a'],
    ['0:0:0:0:0:0:0:0', '::'],
    ['0:0:0:0:0:0:0:1', '::1'],
    ['1:0:0:0:0:0:0:0', '1::'],
    ['::ffff:c000:201', '::ffff:192.0.2.1'],
    ['192.0.2.1', '192.0.2.1'],
    ['255.255.255.255', '255.255.255.255'],
  ] as const) {
    test(`${text} is ${canonical}`, () => {
      assert.equal(formatAddress(requireAddress(text)), canonical);
    });
  }

  test('is read back as the same address', () => {
    fc.assert(
      fc.property(anyAddress, (address) => {
        assert.deepEqual(parseAddress(formatAddress(address)), address);
      }),
    );
  });

  test('agrees with the URL parser of the platform about IPv6', () => {
    fc.assert(
      fc.property(anyAddress, (address) => {
        fc.pre(address.family === 6 && !isMapped(address));
        const text = formatAddress(address);
        assert.equal(new URL(`http://[${text}]/`).hostname, `[${text}]`);
      }),
    );
  });
});

describe('addresses', () => {
  test('survive the way to bytes and back', () => {
    fc.assert(
      fc.property(anyAddress, (address) => {
        const bytes = addressToBytes(address);
        assert.equal(bytes.length * 8, familyBits(address.family));
        assert.deepEqual(addressFromBytes(bytes), address);
      }),
    );
  });

  test('have 4 or 16 bytes', () => {
    assert.throws(() => addressFromBytes(Buffer.alloc(5)), { code: 'INVALID_ADDRESS' });
  });

  test('are unmapped only when mapped', () => {
    assert.deepEqual(unmap(requireAddress('::ffff:10.0.0.1')), requireAddress('10.0.0.1'));
    assert.deepEqual(unmap(requireAddress('::fffe:10.0.0.1')), requireAddress('::fffe:10.0.0.1'));
  });

  test('sort IPv4 first, then by value', () => {
    const sorted = ['9.0.0.1', '10.0.0.1', '10.0.0.10', '::', '::1', 'fd00::'];
    const addresses = sorted.toReversed().map(requireAddress).toSorted(compareAddresses);
    assert.deepEqual(addresses.map(formatAddress), sorted);
  });

  test('of different families are never the same', () => {
    const zero: readonly Address[] = [requireAddress('0.0.0.0'), requireAddress('::')];
    const [v4, v6] = zero;
    assert.ok(v4 && v6 && !isSameAddress(v4, v6));
  });

  test('that must be valid say what they are not', () => {
    assert.throws(
      () => requireAddress('10.0.0.01'),
      (error) => error instanceof Fault && /"10\.0\.0\.01"/.test(error.message),
    );
  });
});
