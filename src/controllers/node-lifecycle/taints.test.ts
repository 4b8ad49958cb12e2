import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FakeClock } from '../../clock/index.ts';
import type { Condition, Taint, Toleration } from '../../kube/index.ts';
import { nodeObject, podObject } from '../testing/objects.ts';
import { changedTaints, stayOf } from './taints.ts';

const clock = new FakeClock(Date.UTC(2026, 0, 1));

function shown(taints: readonly Taint[] | undefined): string | undefined {
  return taints
    ?.map(({ key, effect }) => `${key.replace('node.kubernetes.io/', '')}:${effect}`)
    .join(' ');
}

function changed(
  conditions: Record<string, Condition['status']>,
  spec: { taints?: Taint[]; unschedulable?: boolean } = {},
): string | undefined {
  const list = Object.entries(conditions).map(([type, status]) => ({ type, status }));
  return shown(changedTaints(nodeObject('node1', { spec, status: { conditions: list } }), clock));
}

describe('taints by condition', () => {
  test('a node that is ready has none', () => {
    assert.equal(changed({ Ready: 'True', MemoryPressure: 'False' }), undefined);
  });

  test('not ready and unreachable differ', () => {
    assert.equal(changed({ Ready: 'False' }), 'not-ready:NoSchedule not-ready:NoExecute');
    assert.equal(changed({ Ready: 'Unknown' }), 'unreachable:NoSchedule unreachable:NoExecute');
  });

  test('pressure and cordon keep new pods away', () => {
    assert.equal(changed({ Ready: 'True', DiskPressure: 'True' }), 'disk-pressure:NoSchedule');
    assert.equal(changed({ Ready: 'True' }, { unschedulable: true }), 'unschedulable:NoSchedule');
  });

  test("what no longer applies goes, the user's taints stay", () => {
    const own: Taint = { key: 'gpu', effect: 'NoExecute' };
    const similar: Taint = { key: 'node.kubernetes.io/memory-pressure', effect: 'NoExecute' };
    const old: Taint = { key: 'node.kubernetes.io/not-ready', effect: 'NoExecute' };
    const taints = [own, old, similar];
    assert.equal(changed({ Ready: 'True' }, { taints }), 'gpu:NoExecute memory-pressure:NoExecute');
  });

  test('a taint keeps the time at which it came', () => {
    const taints = [
      {
        key: 'node.kubernetes.io/not-ready',
        effect: 'NoSchedule' as const,
        timeAdded: '2025-12-31T00:00:00Z',
      },
    ];
    const status = { conditions: [{ type: 'Ready', status: 'False' as const }] };
    const times = changedTaints(nodeObject('node1', { spec: { taints }, status }), clock);
    assert.deepEqual(
      times?.map(({ timeAdded }) => timeAdded),
      ['2025-12-31T00:00:00Z', '2026-01-01T00:00:00Z'],
    );
  });
});

describe('how long a pod stays', () => {
  const unreachable: Taint = { key: 'node.kubernetes.io/unreachable', effect: 'NoExecute' };
  const own: Taint = { key: 'gpu', value: 'broken', effect: 'NoExecute' };
  const stay = (tolerations: Toleration[], ...taints: Taint[]) =>
    stayOf(podObject('web', { spec: { tolerations } }), taints);

  test('for ever without taints, and when it tolerates all', () => {
    assert.equal(stay([]), Infinity);
    assert.equal(stay([{ operator: 'Exists' }], unreachable, own), Infinity);
  });

  test('not at all when it does not tolerate one', () => {
    assert.equal(stay([{ key: 'gpu', operator: 'Exists' }], unreachable, own), 0);
  });

  test('as long as its most impatient toleration', () => {
    const some: Toleration[] = [
      { key: unreachable.key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 },
      { key: 'gpu', value: 'broken', tolerationSeconds: 20 },
    ];
    assert.equal(stay(some, unreachable), 300);
    assert.equal(stay(some, unreachable, own), 20);
  });

  test('a negative time is none', () => {
    assert.equal(stay([{ operator: 'Exists', tolerationSeconds: -5 }], own), 0);
  });
});
