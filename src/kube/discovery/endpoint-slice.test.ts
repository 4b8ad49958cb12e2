import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cells, defaulted, fieldErrors, updateErrors } from '../testing/kind-checks.ts';
import { endpointSliceKind } from './endpoint-slice.ts';

const slice = (...addresses: string[]): object => ({
  addressType: 'IPv4',
  endpoints: addresses.map((address) => ({ addresses: [address] })),
  ports: [{ port: 80 }],
});

test('ports have a name and a protocol', () => {
  assert.deepEqual(defaulted(endpointSliceKind, slice()).ports, [
    { port: 80, name: '', protocol: 'TCP' },
  ]);
});

test('three endpoints are shown', () => {
  const row = cells(
    endpointSliceKind,
    slice('10.244.0.2', '10.244.0.3', '10.244.0.10', '10.244.0.11'),
  );
  assert.equal(row['Ports'], '80');
  assert.equal(row['Endpoints'], '10.244.0.2,10.244.0.3,10.244.0.10 + 1 more...');
  assert.equal(cells(endpointSliceKind, { endpoints: [] })['Ports'], '<unset>');
});

test('the address type is immutable', () => {
  assert.deepEqual(
    updateErrors(endpointSliceKind, { addressType: 'IPv6' }, { addressType: 'IPv4' }),
    ['addressType: Invalid value: "IPv6": field is immutable'],
  );
});

const at = 'endpoints[0].addresses';
const failures: readonly (readonly [parts: object, error: string])[] = [
  [slice('::1'), `${at}[0]: Invalid value: "::1": must be an IPv4 address`],
  [
    slice('127.0.0.1'),
    `${at}[0]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)`,
  ],
  [slice('0.0.0.0'), `${at}[0]: Invalid value: "0.0.0.0": may not be unspecified (0.0.0.0)`],
  [
    { ...slice('web'), addressType: 'FQDN' },
    `${at}[0]: Invalid value: "web": should be a domain with at least two segments separated by dots`,
  ],
  [{ ...slice(), endpoints: [{}] }, `${at}: Required value: must contain at least 1 address`],
  [{ endpoints: [] }, 'addressType: Required value: must specify an address type'],
  [{ ...slice(), ports: [{ port: 80 }, { port: 81 }] }, 'ports[1].name: Duplicate value: ""'],
];

for (const [parts, error] of failures) {
  test(error, () => assert.deepEqual(fieldErrors(endpointSliceKind, parts), [error]));
}
