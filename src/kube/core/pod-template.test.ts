import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { defaulted, fieldErrors, row } from '../testing/kind-checks.ts';
import { limitRangeKind } from './limit-range.ts';
import { podTemplateKind } from './pod-template.ts';
import { replicationControllerKind } from './replication-controller.ts';
import { resourceQuotaKind } from './resource-quota.ts';

describe('templates and quotas', () => {
  const template = {
    metadata: { labels: { app: 'a' } },
    spec: { containers: [{ name: 'c', image: 'i' }] },
  };

  test('a ReplicationController takes labels and selector from its template', () => {
    const controller = defaulted(replicationControllerKind, { spec: { template } });
    assert.deepEqual(controller.spec.selector, { app: 'a' });
    assert.deepEqual(controller.metadata.labels, { app: 'a' });
    assert.equal(row(replicationControllerKind, controller), '1 | 0 | 0 | c | i | app=a');
    assert.equal(replicationControllerKind.scale?.selector(controller), 'app=a');
    assert.deepEqual(fieldErrors(replicationControllerKind, { spec: { template } }), []);
    assert.deepEqual(
      fieldErrors(replicationControllerKind, { spec: { selector: { app: 'b' }, template } }),
      [
        'spec.template.metadata.labels: Invalid value: {"app":"a"}: `selector` does not match template `labels`',
      ],
    );
  });

  test('a PodTemplate shows what is in it', () => {
    assert.equal(row(podTemplateKind, { template }), 'c | i | app=a');
  });

  test('a ResourceQuota shows what is used, limits apart', () => {
    const status = { hard: { pods: '10', 'limits.cpu': '2' }, used: { pods: '3' } };
    assert.equal(row(resourceQuotaKind, { status }), 'pods: 3/10 | limits.cpu: 0/2');
    assert.match(
      fieldErrors(resourceQuotaKind, { spec: { hard: { pods: '-1' } } })[0] ?? '',
      /^spec\.hard\[pods\]/,
    );
  });

  test('a LimitRange completes itself and is in order', () => {
    const range = defaulted(limitRangeKind, {
      spec: { limits: [{ type: 'Container', max: { cpu: '1' }, min: { memory: '1Gi' } }] },
    });
    assert.deepEqual(range.spec.limits?.[0]?.default, { cpu: '1' });
    assert.deepEqual(range.spec.limits?.[0]?.defaultRequest, { memory: '1Gi', cpu: '1' });
    assert.deepEqual(
      fieldErrors(limitRangeKind, {
        spec: { limits: [{ type: 'Pod', min: { cpu: '2' }, max: { cpu: '1' } }] },
      }),
      ['spec.limits[0].min[cpu]: Invalid value: "2": min value 2 is greater than max value 1'],
    );
  });
});
