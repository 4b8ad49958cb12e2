import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { formatAddress, parseAddress } from '../../ip/index.ts';
import { dashedAddress, endpointLabel } from './endpoints.ts';
import { addressOfReverseName } from './reverse-name.ts';

describe('the label of an endpoint', () => {
  const target = { kind: 'Pod', name: 'db-x7' } as const;
  const rows = [
    { endpoint: { addresses: [], hostname: 'DB-0' }, usesPodNames: false, label: 'db-0' },
    {
      endpoint: { addresses: [], hostname: 'db-0', targetRef: target },
      usesPodNames: true,
      label: 'db-0',
    },
    { endpoint: { addresses: [], targetRef: target }, usesPodNames: true, label: 'db-x7' },
    { endpoint: { addresses: [], targetRef: target }, usesPodNames: false, label: '10-244-0-1' },
    { endpoint: { addresses: [] }, usesPodNames: true, label: '10-244-0-1' },
    { endpoint: { addresses: [], hostname: '' }, usesPodNames: false, label: '10-244-0-1' },
  ];
  for (const { endpoint, usesPodNames, label } of rows) {
    const how = usesPodNames ? 'by pod' : 'by address';
    test(`${JSON.stringify(endpoint)} ${how} is ${label}`, () => {
      assert.equal(endpointLabel(endpoint, '10.244.0.1', usesPodNames), label);
    });
  }

  test('of an address never ends in a dash', () => {
    assert.deepEqual(['10.0.0.1', 'fd00::', 'fd00::1', '::'].map(dashedAddress), [
      '10-0-0-1',
      'fd00--0',
      'fd00--1',
      '--0',
    ]);
  });
});

describe('the address of a reverse name', () => {
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['1.0.96.10.in-addr.arpa.', '10.96.0.1'],
    ['0.0.0.0.in-addr.arpa.', '0.0.0.0'],
    ['256.0.96.10.in-addr.arpa.', undefined],
    ['0.96.10.in-addr.arpa.', undefined],
    ['1.1.0.96.10.in-addr.arpa.', undefined],
    ['x.0.96.10.in-addr.arpa.', undefined],
    [`1.${'0.'.repeat(31)}ip6.arpa.`, '::1'],
    [`1.${'0.'.repeat(30)}ip6.arpa.`, undefined],
    [`g.${'0.'.repeat(31)}ip6.arpa.`, undefined],
    ['web.default.svc.cluster.local.', undefined],
  ];
  for (const [name, address] of rows) {
    test(`${name}: ${address}`, () => assert.equal(addressOfReverseName(name), address));
  }

  test('is the address that the name was made of', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
        const address = parseAddress(text);
        fc.pre(address !== undefined);
        if (address === undefined) return;
        const hex = address.value.toString(16).padStart(32, '0');
        const name =
          address.family === 4
            ? `${formatAddress(address).split('.').toReversed().join('.')}.in-addr.arpa.`
            : `${hex.split('').toReversed().join('.')}.ip6.arpa.`;
        assert.equal(addressOfReverseName(name), formatAddress(address));
      }),
    );
  });
});
