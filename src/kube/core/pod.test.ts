import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { defaulted, updateErrors } from '../testing/kind-checks.ts';
import type { PodSpec } from './pod-spec.ts';
import { podKind } from './pod.ts';

const before: PodSpec = {
  containers: [{ name: 'c', image: 'a' }],
  tolerations: [{ key: 'a', operator: 'Exists' }],
  activeDeadlineSeconds: 10,
};

describe('updates', () => {
  const allowed: readonly [what: string, next: Partial<PodSpec>][] = [
    ['another image', { containers: [{ name: 'c', image: 'b', imagePullPolicy: 'Always' }] }],
    ['an earlier deadline', { activeDeadlineSeconds: 5 }],
    [
      'one more toleration',
      { tolerations: [...(before.tolerations ?? []), { operator: 'Exists' }] },
    ],
  ];
  for (const [what, next] of allowed) {
    test(`${what} is fine`, () => {
      assert.deepEqual(
        updateErrors(podKind, { spec: { ...before, ...next } }, { spec: before }),
        [],
      );
    });
  }

  const refused: readonly [what: string, next: Partial<PodSpec>, error: string][] = [
    [
      'another node',
      { nodeName: 'n' },
      'spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)\n- spec.nodeName: undefined\n+ spec.nodeName: "n"',
    ],
    [
      'another container',
      { containers: [...before.containers, { name: 'd', image: 'a' }] },
      'spec: Forbidden: pod updates may not add or remove containers',
    ],
    [
      'a later deadline',
      { activeDeadlineSeconds: 11 },
      'spec.activeDeadlineSeconds: Invalid value: 11: must be less than or equal to previous value',
    ],
    [
      'fewer tolerations',
      { tolerations: [] },
      'spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds',
    ],
  ];
  for (const [what, next, error] of refused) {
    test(`${what} is not`, () => {
      assert.deepEqual(updateErrors(podKind, { spec: { ...before, ...next } }, { spec: before }), [
        error,
      ]);
    });
  }
});

describe('grace', () => {
  const cases: readonly [what: string, parts: object, seconds: number][] = [
    ['of a pod that no node has', { spec: before }, 0],
    ['of a running pod', { spec: { ...before, nodeName: 'n' } }, 30],
    ['of its own', { spec: { ...before, nodeName: 'n', terminationGracePeriodSeconds: 5 } }, 5],
    [
      'of a pod that has ended',
      { spec: { ...before, nodeName: 'n' }, status: { phase: 'Failed' } },
      0,
    ],
  ];
  for (const [what, parts, seconds] of cases) {
    test(what, () => assert.equal(podKind.graceSeconds?.(defaulted(podKind, parts)), seconds));
  }
});

test('a client cannot write the status', () => {
  const next = defaulted(podKind, { spec: before, status: { phase: 'Failed' } });
  const previous = defaulted(podKind, { spec: before, status: { phase: 'Running' } });
  podKind.prepareUpdate?.(next, previous);
  assert.equal(next.status?.phase, 'Running');
});
