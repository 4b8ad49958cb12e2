import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Container, Pod } from '../../kube/index.ts';
import { containerField, podField } from './downward.ts';

const pod: Pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'shop', uid: 'u', labels: { b: '2', a: '1' } },
  spec: { containers: [], serviceAccountName: 'clerk' },
};
const facts = { nodeName: 'node1', nodeIPs: ['172.18.0.2'], podIPs: ['10.244.0.5', 'fd00::5'] };

describe('fieldRef', () => {
  for (const [path, value] of [
    ['metadata.name', 'web'],
    ['metadata.namespace', 'shop'],
    ['metadata.uid', 'u'],
    ['metadata.labels', 'a="1"\nb="2"'],
    ["metadata.labels['a']", '1'],
    ["metadata.annotations['none']", ''],
    ['spec.nodeName', 'node1'],
    ['spec.serviceAccountName', 'clerk'],
    ['status.hostIP', '172.18.0.2'],
    ['status.podIP', '10.244.0.5'],
    ['status.podIPs', '10.244.0.5,fd00::5'],
  ] as const) {
    test(path, () => assert.equal(podField(path, pod, facts), value));
  }

  test('an unknown path is refused by name', () => {
    assert.throws(() => podField('spec.nope', pod, facts), /unsupported fieldPath: spec\.nope/);
  });
});

describe('resourceFieldRef', () => {
  const container: Container = {
    name: 'c',
    resources: { limits: { cpu: '1500m', memory: '64Mi' }, requests: { cpu: '250m' } },
  };
  for (const [resource, divisor, value] of [
    ['limits.cpu', undefined, '2'],
    ['limits.cpu', '1m', '1500'],
    ['limits.memory', undefined, '67108864'],
    ['limits.memory', '1Mi', '64'],
    ['requests.cpu', '1m', '250'],
  ] as const) {
    test(`${resource} in units of ${divisor ?? '1'}`, () => {
      const reference = { resource, ...(divisor === undefined ? {} : { divisor }) };
      assert.equal(containerField(reference, container), value);
    });
  }

  test('a missing limit is what the machine has', () => {
    assert.ok(Number(containerField({ resource: 'limits.memory' }, { name: 'c' })) > 1e6);
  });
});
