import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fieldErrors, row, updateErrors } from '../testing/kind-checks.ts';
import { nodeKind } from './node.ts';

describe('Node', () => {
  const info = {
    kubeletVersion: 'v1.36.0',
    osImage: 'Debian',
    kernelVersion: '6.18',
    containerRuntimeVersion: 'runc://1.1.5',
  };
  const cases: readonly [row: string, parts: object][] = [
    [
      'Ready | control-plane,worker | v1.36.0 | 172.18.0.2 | <none> | Debian | 6.18 | runc://1.1.5',
      {
        metadata: {
          name: 'n',
          labels: {
            'node-role.kubernetes.io/worker': '',
            'node-role.kubernetes.io/control-plane': '',
          },
        },
        status: {
          conditions: [{ type: 'Ready', status: 'True' }],
          addresses: [{ type: 'InternalIP', address: '172.18.0.2' }],
          nodeInfo: info,
        },
      },
    ],
    [
      'NotReady,SchedulingDisabled | <none> |  | <none> | <none> | <unknown> | <unknown> | <unknown>',
      {
        spec: { unschedulable: true },
        status: { conditions: [{ type: 'Ready', status: 'Unknown' }] },
      },
    ],
    ['Unknown | <none> |  | <none> | <none> | <unknown> | <unknown> | <unknown>', {}],
  ];
  for (const [expected, parts] of cases) {
    test(expected, () => assert.equal(row(nodeKind, parts), expected));
  }

  test('taints are checked, pod ranges stay', () => {
    const taint = { key: 'a', effect: 'NoSchedule' };
    assert.deepEqual(fieldErrors(nodeKind, { spec: { taints: [taint, taint, { key: 'b' }] } }), [
      'spec.taints[1]: Duplicate value: {"key":"a","effect":"NoSchedule"}',
      'spec.taints[2].effect: Required value',
    ]);
    assert.deepEqual(
      updateErrors(
        nodeKind,
        { spec: { podCIDRs: ['10.244.1.0/24'] } },
        { spec: { podCIDRs: ['10.244.0.0/24'] } },
      ),
      ['spec.podCIDRs: Invalid value: ["10.244.1.0/24"]: field is immutable'],
    );
  });
});
