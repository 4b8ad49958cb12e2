import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { judgeService, type ServiceObject, type SliceObject } from '../services/index.ts';
import { desiredRuleset } from './desired-ruleset.ts';
import { ServicePlan } from './service-plan.ts';
import { applyOperations } from './testing/apply-operations.ts';
import { normal } from './testing/normal.ts';
import { settings } from './testing/settings.ts';

type Spec = ServiceObject['spec'];
type IpFamilies = NonNullable<Spec['ipFamilies']>;

/** Every type and field that the proxy reads, as users may change them live. */
const specs = fc
  .record({
    type: fc.constantFrom('ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName'),
    isHeadless: fc.boolean(),
    sessionAffinity: fc.constantFrom('None', 'ClientIP'),
    externalTrafficPolicy: fc.constantFrom('Cluster', 'Local'),
    internalTrafficPolicy: fc.constantFrom('Cluster', 'Local'),
    externalIPs: fc.subarray(['192.0.2.7', 'fd00:9::7']),
    loadBalancerSourceRanges: fc.subarray(['192.0.2.0/24', '172.18.0.0/24', 'fd00:18::/64']),
    ports: fc.subarray(['TCP', 'UDP', 'SCTP'], { minLength: 1 }),
    families: fc.constantFrom<IpFamilies[]>(['IPv4'], ['IPv6'], ['IPv4', 'IPv6']),
  })
  .map(({ isHeadless, ports, families, ...rest }): Spec => {
    const clusterIPs = isHeadless
      ? ['None']
      : families.map((family) => (family === 'IPv4' ? '10.96.0.1' : 'fd00:10:96::1'));
    return {
      ...rest,
      clusterIP: clusterIPs[0] ?? '',
      clusterIPs,
      ipFamilies: families,
      ports: ports.map((protocol) => ({
        name: protocol.toLowerCase(),
        protocol: protocol as 'TCP' | 'UDP' | 'SCTP',
        port: 80,
        nodePort: 30_080,
      })),
    };
  });

const endpoints = fc.uniqueArray(
  fc.record({
    address: fc.integer({ min: 1, max: 4 }),
    nodeName: fc.constantFrom('node-1', 'node-2'),
    conditions: fc.constantFrom(
      { ready: true },
      { ready: false, serving: true, terminating: true },
      { ready: false },
    ),
  }),
  { maxLength: 4, selector: ({ address }) => address },
);

function sliceOf(found: readonly { address: number }[], addressType: 'IPv4' | 'IPv6'): SliceObject {
  const prefix = addressType === 'IPv4' ? '10.244.0.' : 'fd00:10:244::';
  return {
    metadata: { name: `web-${addressType}` },
    addressType,
    ports: ['tcp', 'udp', 'sctp'].map((name) => ({
      name,
      protocol: name.toUpperCase() as 'TCP' | 'UDP' | 'SCTP',
      port: 8080,
    })),
    endpoints: found.map(({ address, ...rest }) => ({
      addresses: [`${prefix}${address}`],
      ...rest,
    })),
  };
}

const vantage = { nodeName: 'node-1', nodeIPs: ['172.18.0.2', 'fd00:18::2'], zone: '' };

describe('a Service whose type and fields change live', () => {
  test('is at every step as if it had always been so, and leaves nothing behind', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(specs, endpoints), { maxLength: 8 }), (steps) => {
        const plan = new ServicePlan(settings);
        let kernel = plan.full();
        for (const [spec, found] of steps) {
          const service: ServiceObject = {
            metadata: { namespace: 'default', name: 'web' },
            spec,
            status: { loadBalancer: { ingress: [{ ip: '172.18.9.1' }, { ip: 'fd00:18:9::1' }] } },
          };
          const slices = [sliceOf(found, 'IPv4'), sliceOf(found, 'IPv6')];
          const { captures } = judgeService(service, slices, vantage);
          kernel = applyOperations(kernel, plan.apply('default/web', captures));
          const outcome = desiredRuleset([['default/web', captures]], settings);
          assert.deepEqual(normal(kernel), normal(outcome));
        }
        kernel = applyOperations(kernel, plan.apply('default/web', []));
        assert.deepEqual(normal(kernel), normal(desiredRuleset([], settings)));
      }),
    );
  });
});
