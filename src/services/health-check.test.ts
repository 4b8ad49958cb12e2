import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { HealthCheck, SliceObject } from './contract.ts';
import { judgeService } from './judge.ts';
import { local, remote, service, slice, terminating, two, vantage } from './testing/judging.ts';

const balanced = {
  type: 'LoadBalancer',
  externalTrafficPolicy: 'Local',
  healthCheckNodePort: 31_000,
} as const;

function healthCheck(
  spec: Parameters<typeof service>[0],
  slices: readonly SliceObject[] = two,
): HealthCheck | undefined {
  return judgeService(service(spec), slices, vantage).healthCheck;
}

describe('row 13: the health check of a Service', () => {
  test('counts the ready endpoints of this node', () => {
    assert.deepEqual(healthCheck(balanced), { port: 31_000, localEndpoints: 1 });
    const slices = [slice([remote('10.1.0.2'), local('10.1.0.3', terminating)])];
    assert.equal(healthCheck(balanced, slices)?.localEndpoints, 0);
    assert.equal(healthCheck(balanced, [])?.localEndpoints, 0);
  });

  test('counts an endpoint once, whatever its ports, slices and families', () => {
    const spec = {
      ...balanced,
      clusterIPs: ['10.96.0.1', 'fd00:10:96::1'],
      ports: [
        { name: 'a', port: 80 },
        { name: 'b', port: 81 },
      ],
    };
    const ports = ['a', 'b'].map((name) => ({ name, protocol: 'TCP' as const, port: 8080 }));
    const slices = [
      slice([local('10.1.0.1')], { ports }),
      slice([local('10.1.0.1'), local('10.1.0.2')], { ports, metadata: { name: 'web-2' } }),
      slice([local('fd00::1')], { ports, addressType: 'IPv6', metadata: { name: 'web-6' } }),
    ];
    assert.equal(healthCheck(spec, slices)?.localEndpoints, 2);
  });

  test('is only for load balancers with external policy Local', () => {
    assert.equal(healthCheck({ ...balanced, externalTrafficPolicy: 'Cluster' }), undefined);
    assert.equal(healthCheck({ ...balanced, type: 'NodePort' }), undefined);
    assert.equal(healthCheck({ ...balanced, healthCheckNodePort: 0 }), undefined);
  });
});
