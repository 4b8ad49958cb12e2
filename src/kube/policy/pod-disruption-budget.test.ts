import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cells, fieldErrors } from '../testing/kind-checks.ts';
import { podDisruptionBudgetKind as kind } from './pod-disruption-budget.ts';

test('one of the two limits, not both', () => {
  assert.deepEqual(fieldErrors(kind, { spec: { minAvailable: '50%' } }), []);
  assert.match(
    fieldErrors(kind, { spec: { minAvailable: 1, maxUnavailable: 1 } })[0] ?? '',
    /minAvailable and maxUnavailable cannot be both set$/,
  );
});

test('limits are printed, the other one is not applicable', () => {
  const row = cells(kind, { spec: { minAvailable: 2 } });
  assert.deepEqual(
    [row['Min Available'], row['Max Unavailable'], row['Allowed Disruptions']],
    ['2', 'N/A', 0],
  );
});
