import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fieldErrors, row } from '../testing/kind-checks.ts';
import { endpointsKind } from './endpoints.ts';

describe('Endpoints', () => {
  const cases: readonly [text: string, subsets: object[]][] = [
    ['<none>', []],
    ['10.0.0.1:80', [{ addresses: [{ ip: '10.0.0.1' }], ports: [{ port: 80 }] }]],
    ['[fd00::1]:80', [{ addresses: [{ ip: 'fd00::1' }], ports: [{ port: 80 }] }]],
    ['10.0.0.1', [{ addresses: [{ ip: '10.0.0.1' }] }]],
    [
      '10.0.0.1:80,10.0.0.2:80,10.0.0.1:81 + 1 more...',
      [
        {
          addresses: [{ ip: '10.0.0.1' }, { ip: '10.0.0.2' }],
          ports: [
            { name: 'a', port: 80 },
            { name: 'b', port: 81 },
          ],
        },
      ],
    ],
    ['', [{ notReadyAddresses: [{ ip: '10.0.0.1' }], ports: [{ port: 80 }] }]],
  ];
  for (const [text, subsets] of cases) {
    test(text === '' ? 'not ready' : text, () =>
      assert.equal(row(endpointsKind, { subsets }), text),
    );
  }

  test('addresses and ports are checked', () => {
    assert.deepEqual(
      fieldErrors(endpointsKind, {
        subsets: [{ addresses: [{ ip: 'x' }], ports: [{ port: 1 }, { name: 'b', port: 0 }] }, {}],
      }),
      [
        'subsets[0].addresses[0].ip: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
        'subsets[0].ports[0].name: Required value',
        'subsets[0].ports[1].port: Invalid value: 0: must be between 1 and 65535, inclusive',
        'subsets[1]: Required value: must specify `addresses` or `notReadyAddresses`',
      ],
    );
    assert.deepEqual(
      fieldErrors(endpointsKind, {
        subsets: [
          {
            notReadyAddresses: [{ ip: '169.254.169.254', nodeName: 'node1' }],
            ports: [{ port: 80, appProtocol: 'http' }],
          },
        ],
      }),
      [
        'subsets[0].notReadyAddresses[0].ip: Invalid value: "169.254.169.254": may not be in the link-local range (169.254.0.0/16, fe80::/10)',
      ],
    );
  });
});
