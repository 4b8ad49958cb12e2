import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cells, defaulted, fieldErrors } from '../testing/kind-checks.ts';
import { horizontalPodAutoscalerKind as kind } from './horizontal-pod-autoscaler.ts';

const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' };

test('it watches the processor when it names nothing', () => {
  const row = cells(kind, { spec: { scaleTargetRef, maxReplicas: 5 } });
  assert.deepEqual(
    [row['Reference'], row['Targets'], row['MinPods'], row['MaxPods']],
    ['Deployment/web', 'cpu: <unknown>/80%', '1', 5],
  );
  assert.equal(defaulted(kind, { spec: { scaleTargetRef, maxReplicas: 5 } }).spec.minReplicas, 1);
});

test('its bounds have an order', () => {
  assert.deepEqual(
    fieldErrors(kind, { spec: { scaleTargetRef, minReplicas: 3, maxReplicas: 2 } }),
    ['spec.maxReplicas: Invalid value: 2: must be greater than or equal to `minReplicas`'],
  );
});
