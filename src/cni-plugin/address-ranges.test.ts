import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { formatAddress, requireAddress } from '../ip/index.ts';
import { addressesAfter, readRanges } from './address-ranges.ts';
import type { PluginSettings } from './request.ts';

function settings(ipam: NonNullable<PluginSettings['ipam']>): PluginSettings {
  return { cniVersion: '1.0.0', name: 'net', ipam };
}

/** The addresses of the first set, from the one after `previous` on. */
function given(ipam: NonNullable<PluginSettings['ipam']>, previous?: string): string[] {
  const [set = []] = readRanges(settings(ipam));
  const from = previous === undefined ? undefined : requireAddress(previous);
  return [...addressesAfter(set, from)].map(formatAddress);
}

describe('the addresses of a range set', () => {
  const cases: readonly (readonly [name: string, ...Parameters<typeof given>, string[]])[] = [
    [
      'a subnet, without its network and its broadcast',
      { subnet: '10.1.0.0/29' },
      undefined,
      ['10.1.0.1', '10.1.0.2', '10.1.0.3', '10.1.0.4', '10.1.0.5', '10.1.0.6'],
    ],
    [
      'from the one after the last given one on, and around',
      { subnet: '10.1.0.0/30' },
      '10.1.0.1',
      ['10.1.0.2', '10.1.0.1'],
    ],
    [
      'part of a subnet, without a gateway',
      {
        ranges: [
          [
            {
              subnet: '10.1.0.0/24',
              rangeStart: '10.1.0.10',
              rangeEnd: '10.1.0.13',
              gateway: '10.1.0.11',
            },
          ],
        ],
      },
      undefined,
      ['10.1.0.10', '10.1.0.12', '10.1.0.13'],
    ],
    [
      'several ranges of a set, one after another',
      { ranges: [[{ subnet: '10.1.0.0/30' }, { subnet: '10.2.0.0/30' }]] },
      '10.2.0.1',
      ['10.2.0.2', '10.1.0.1', '10.1.0.2', '10.2.0.1'],
    ],
    [
      'IPv6, which has no broadcast',
      { subnet: 'fd00::/126' },
      undefined,
      ['fd00::1', 'fd00::2', 'fd00::3'],
    ],
    [
      'two addresses without a network',
      { subnet: '10.1.0.4/31' },
      undefined,
      ['10.1.0.4', '10.1.0.5'],
    ],
    ['one address', { subnet: '10.1.0.4/32' }, undefined, ['10.1.0.4']],
    [
      'all of them when the last given one is of another time',
      { subnet: '10.1.0.0/30' },
      '10.9.0.1',
      ['10.1.0.1', '10.1.0.2'],
    ],
  ];
  for (const [name, ipam, previous, expected] of cases) {
    test(name, () => assert.deepEqual(given(ipam, previous), expected));
  }

  test('the runtime has the last word', () => {
    const runtimeConfig = { ipRanges: [[{ subnet: '10.7.0.0/32' }]] };
    const [set = []] = readRanges({ ...settings({ subnet: '10.1.0.0/24' }), runtimeConfig });
    assert.deepEqual([...addressesAfter(set, undefined)].map(formatAddress), ['10.7.0.0']);
  });
});

describe('ranges that are refused', () => {
  const range = (fields: object) => ({ ranges: [[{ subnet: '10.1.0.0/24', ...fields }]] });
  const cases: readonly (readonly [Parameters<typeof given>[0], RegExp])[] = [
    [{}, /^ipam: give subnet, ranges, or the type of a plugin that has addresses$/],
    [{ ranges: [[]] }, /^ipam: give subnet/],
    [{ subnet: '10.1.0.0' }, /^ipam: "10\.1\.0\.0" is no subnet$/],
    [
      range({ rangeStart: '10.2.0.1' }),
      /^ipam: rangeStart "10\.2\.0\.1" is no address of the subnet$/,
    ],
    [range({ rangeEnd: 'x' }), /^ipam: rangeEnd "x" is no address/],
    [range({ rangeStart: '10.1.0.9', rangeEnd: '10.1.0.8' }), /ends before it starts$/],
    [
      { ranges: [[{ subnet: '10.1.0.0/24' }], [{ subnet: '10.1.0.128/25' }]] },
      /^ipam: two ranges have addresses in common$/,
    ],
  ];
  for (const [ipam, message] of cases) {
    test(message.source, () => {
      assert.throws(() => readRanges(settings(ipam)), { number: 7, message });
    });
  }
});
