import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { defaulted, fieldErrors, updateErrors } from '../testing/kind-checks.ts';
import { validateMeta } from '../validate-meta.ts';
import { FieldPath } from '../field-error.ts';
import { invalid } from '../api-error.ts';
import { dropTypeDependentFields } from './service-update.ts';
import type { ServiceSpec } from './service-types.ts';
import { serviceKind } from './service.ts';

const web: ServiceSpec = { ports: [{ port: 80 }], selector: { app: 'web' } };

describe('defaults', () => {
  test('of a Service with one port', () => {
    assert.deepEqual(defaulted(serviceKind, { spec: web }).spec, {
      ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }],
      selector: { app: 'web' },
      type: 'ClusterIP',
      sessionAffinity: 'None',
      internalTrafficPolicy: 'Cluster',
    });
  });

  const cases: readonly [what: string, spec: ServiceSpec, expected: Partial<ServiceSpec>][] = [
    ['node ports', { type: 'NodePort' }, { externalTrafficPolicy: 'Cluster' }],
    [
      'a load balancer',
      { type: 'LoadBalancer' },
      { externalTrafficPolicy: 'Cluster', allocateLoadBalancerNodePorts: true },
    ],
    ['addresses of its own', { externalIPs: ['192.0.2.1'] }, { externalTrafficPolicy: 'Cluster' }],
    ['a name elsewhere', { type: 'ExternalName' }, { internalTrafficPolicy: undefined }],
    [
      'affinity',
      { sessionAffinity: 'ClientIP' },
      { sessionAffinityConfig: { clientIP: { timeoutSeconds: 10_800 } } },
    ],
    [
      'a timeout without affinity',
      { sessionAffinityConfig: { clientIP: { timeoutSeconds: 1 } } },
      { sessionAffinityConfig: undefined },
    ],
  ];
  for (const [what, spec, expected] of cases) {
    test(`with ${what}`, () => {
      const actual = defaulted(serviceKind, { spec: { ...web, ...spec } }).spec;
      for (const [field, value] of Object.entries(expected)) {
        assert.deepEqual(actual[field as keyof ServiceSpec], value);
      }
    });
  }
});

test('a bad Service is refused as by Kubernetes 1.20', () => {
  const service = defaulted(serviceKind, {
    metadata: { name: 'bad_name', namespace: 'default' },
    spec: { ports: [{ port: 99_999 }] },
  });
  const errors = [
    ...validateMeta(service.metadata, serviceKind),
    ...(serviceKind.validate?.(service, new FieldPath()) ?? []),
  ];
  const causes = invalid(serviceKind, 'bad_name', errors).status.details?.causes ?? [];
  assert.deepEqual(
    causes.map(({ field, message }) => `* ${field}: ${message}`),
    [
      "* metadata.name: Invalid value: \"bad_name\": a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')",
      '* spec.ports[0].port: Invalid value: 99999: must be between 1 and 65535, inclusive',
      '* spec.ports[0].targetPort: Invalid value: 99999: must be between 1 and 65535, inclusive',
    ],
  );
});

test('a name may begin with a digit (row 38)', () => {
  const named = (name: string) => validateMeta({ name, namespace: 'default' }, serviceKind);
  assert.deepEqual([named('1st'), named('007')], [[], []]);
  assert.notDeepEqual(named('1.st'), []);
});

describe('refused', () => {
  const named = (port: number): object => ({ name: 'a', port });
  const cases: readonly [what: string, spec: object, ...errors: string[]][] = [
    ['no ports', { ports: [] }, 'spec.ports: Required value'],
    [
      'several ports without names',
      { ports: [{ port: 80 }, { port: 81 }] },
      'spec.ports[0].name: Required value',
      'spec.ports[1].name: Required value',
    ],
    [
      'one name twice',
      { ports: [named(80), named(81)] },
      'spec.ports[1].name: Duplicate value: "a"',
    ],
    [
      'one port twice',
      { ports: [named(80), { name: 'b', port: 80 }] },
      'spec.ports[1]: Duplicate value: {"port":80,"protocol":"TCP"}',
    ],
    [
      'an unknown protocol',
      { ports: [{ port: 80, protocol: 'ICMP' }] },
      'spec.ports[0].protocol: Unsupported value: "ICMP": supported values: "SCTP", "TCP", "UDP"',
    ],
    [
      'a node port on a ClusterIP',
      { ports: [{ port: 80, nodePort: 30_000 }] },
      "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'",
    ],
    [
      'one node port twice',
      {
        type: 'NodePort',
        ports: [
          { name: 'a', port: 80, nodePort: 30_000 },
          { name: 'b', port: 81, nodePort: 30_000 },
        ],
      },
      'spec.ports[1].nodePort: Duplicate value: 30000',
    ],
    [
      'an unknown type',
      { type: 'Magic' },
      'spec.type: Unsupported value: "Magic": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"',
    ],
    ['no external name', { type: 'ExternalName' }, 'spec.externalName: Required value'],
    [
      'headless with node ports',
      { type: 'NodePort', clusterIP: 'None', clusterIPs: ['None'] },
      'spec.clusterIPs[0]: Invalid value: "None": may not be set to \'None\' for NodePort services',
    ],
    [
      'an affinity that is too long',
      {
        sessionAffinity: 'ClientIP',
        sessionAffinityConfig: { clientIP: { timeoutSeconds: 86_401 } },
      },
      'spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: 86401: must be greater than 0 and less than 86400',
    ],
    [
      'addresses that differ',
      { clusterIP: '10.96.0.2', clusterIPs: ['10.96.0.3'] },
      'spec.clusterIPs: Invalid value: ["10.96.0.3"]: first value must match `clusterIP`',
    ],
    [
      'two addresses of one family',
      { clusterIP: '10.96.0.2', clusterIPs: ['10.96.0.2', '10.96.0.3'] },
      'spec.clusterIPs: Invalid value: ["10.96.0.2","10.96.0.3"]: may specify no more than one IP for each IP family',
    ],
    [
      'a family that is none',
      { ipFamilies: ['IPv5'] },
      'spec.ipFamilies[0]: Unsupported value: "IPv5": supported values: "IPv4", "IPv6"',
    ],
    [
      'an external address of the machine itself',
      { externalIPs: ['127.0.0.1'] },
      'spec.externalIPs[0]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
    ],
    [
      'source ranges without a load balancer',
      { loadBalancerSourceRanges: ['10.0.0.0/8'] },
      "spec.loadBalancerSourceRanges: Forbidden: may only be used when `type` is 'LoadBalancer'",
    ],
    [
      'a source range that is none',
      { type: 'LoadBalancer', loadBalancerSourceRanges: ['10.0.0.0/33'] },
      'spec.loadBalancerSourceRanges[0]: Invalid value: "10.0.0.0/33": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
    ],
    [
      'an external traffic policy inside',
      { externalTrafficPolicy: 'Local' },
      'spec.externalTrafficPolicy: Invalid value: "Local": may only be set for externally-accessible services',
    ],
    [
      'a health check without use',
      { type: 'NodePort', healthCheckNodePort: 30_000 },
      "spec.healthCheckNodePort: Invalid value: 30000: may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'",
    ],
    [
      'an unknown distribution',
      { trafficDistribution: 'Far' },
      'spec.trafficDistribution: Unsupported value: "Far": supported values: "PreferClose", "PreferSameNode", "PreferSameZone"',
    ],
  ];
  for (const [what, spec, ...errors] of cases) {
    test(what, () =>
      assert.deepEqual(fieldErrors(serviceKind, { spec: { ...web, ...spec } }), errors),
    );
  }
});

describe('updates', () => {
  const stored: ServiceSpec = {
    ...web,
    clusterIP: '10.96.0.2',
    clusterIPs: ['10.96.0.2'],
    ipFamilies: ['IPv4'],
    ipFamilyPolicy: 'SingleStack',
  };
  const cases: readonly [what: string, next: ServiceSpec, ...errors: string[]][] = [
    [
      'another address',
      { clusterIP: '10.96.0.3', clusterIPs: ['10.96.0.3'] },
      'spec.clusterIPs[0]: Invalid value: ["10.96.0.3"]: may not change once set',
    ],
    [
      'no address',
      { clusterIP: undefined, clusterIPs: undefined },
      'spec.clusterIPs[0]: Invalid value: []: primary clusterIP can not be unset',
    ],
    [
      'headless',
      { clusterIP: 'None', clusterIPs: ['None'] },
      'spec.clusterIPs[0]: Invalid value: ["None"]: may not change once set',
    ],
    [
      'another primary family',
      { ipFamilies: ['IPv6'] },
      'spec.ipFamilies[0]: Invalid value: ["IPv6"]: may not change once set',
    ],
    [
      'a second address',
      { clusterIPs: ['10.96.0.2', 'fd00:10:96::2'], ipFamilies: ['IPv4', 'IPv6'] },
    ],
    ['a name elsewhere', { type: 'ExternalName', clusterIP: undefined, clusterIPs: undefined }],
  ];
  for (const [what, next, ...errors] of cases) {
    test(what, () => {
      const spec = { ...stored, ...next };
      assert.deepEqual(updateErrors(serviceKind, { spec }, { spec: stored }), errors);
    });
  }

  test('the class of a load balancer goes with its type (row 10)', () => {
    const previous: ServiceSpec = { ...web, type: 'LoadBalancer', loadBalancerClass: 'a.io/b' };
    const next: ServiceSpec = { ...previous, type: 'ClusterIP' };
    dropTypeDependentFields(next, previous);
    assert.equal(next.loadBalancerClass, undefined);
  });

  test('the class of a load balancer stays', () => {
    const spec: ServiceSpec = { ...web, type: 'LoadBalancer', loadBalancerClass: 'a.io/b' };
    assert.deepEqual(
      updateErrors(serviceKind, { spec: { ...spec, loadBalancerClass: 'a.io/c' } }, { spec }),
      ['spec.loadBalancerClass: Invalid value: "a.io/c": may not change once set'],
    );
  });

  test('a type change alone takes off what the new type cannot have', () => {
    const previous = defaulted(serviceKind, {
      spec: { ...stored, type: 'LoadBalancer', ports: [{ port: 80, nodePort: 30_001 }] },
    }).spec;
    const next = structuredClone(previous);
    next.type = 'ExternalName';
    dropTypeDependentFields(next, previous);
    assert.deepEqual(next, {
      ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }],
      selector: { app: 'web' },
      sessionAffinity: 'None',
      type: 'ExternalName',
    });
  });

  test('a node port that the client chose anew is left for validation', () => {
    const previous: ServiceSpec = { type: 'NodePort', ports: [{ port: 80, nodePort: 30_001 }] };
    const next: ServiceSpec = { type: 'ClusterIP', ports: [{ port: 80, nodePort: 30_002 }] };
    dropTypeDependentFields(next, previous);
    assert.equal(next.ports?.[0]?.nodePort, 30_002);
  });
});
