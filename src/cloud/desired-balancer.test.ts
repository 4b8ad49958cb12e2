import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { formatAddress, requireAddress, requireCidr } from '../ip/index.ts';
import type { Node, Service, ServiceSpec } from '../kube/index.ts';
import { backendNodes } from './backend-nodes.ts';
import { isAdmitted } from './client-filter.ts';
import { desiredBalancer, isForeign, wantsBalancer } from './desired-balancer.ts';
import { ingressStatus } from './ingress-status.ts';
import { defaultSettings } from './settings.ts';
import { specChanges } from './spec-changes.ts';

const ports = [{ port: 80, nodePort: 30_080 }];

function service(spec: Partial<ServiceSpec> = {}, metadata: object = {}): Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'shop', ...metadata },
    spec: { type: 'LoadBalancer', ports, ...spec },
  };
}

function desired(spec: Partial<ServiceSpec> = {}, settings = defaultSettings) {
  return desiredBalancer(service(spec), settings);
}

describe('which Services are this cloud’s', () => {
  test('those of type LoadBalancer without a class, or of its own (row 10)', () => {
    assert.ok(wantsBalancer(service()));
    assert.ok(wantsBalancer(service({ loadBalancerClass: 'portolan.io/cloud' })));
    assert.ok(!wantsBalancer(service({ loadBalancerClass: 'example.com/other' })));
    assert.ok(!wantsBalancer(service({ type: 'NodePort' })));
    assert.ok(!wantsBalancer(service({}, { deletionTimestamp: '2026-01-01T00:00:00Z' })));
  });

  test('a class counts only with the type', () => {
    assert.ok(isForeign(service({ loadBalancerClass: 'example.com/other' }).spec));
    assert.ok(!isForeign(service({ type: 'ClusterIP', loadBalancerClass: 'x' }).spec));
  });
});

describe('what a Service asks for', () => {
  test('ports of both protocols, and why others are not served', () => {
    const { ports, unserved } = desired({
      ports: [
        { name: 'tcp', port: 53, nodePort: 30_053 },
        { name: 'udp', port: 53, nodePort: 30_054, protocol: 'UDP' },
        { name: 'sctp', port: 54, nodePort: 30_055, protocol: 'SCTP' },
        { name: 'none', port: 55 },
      ],
    });
    assert.deepEqual(ports, [
      { name: 'tcp', protocol: 'TCP', port: 53, nodePort: 30_053 },
      { name: 'udp', protocol: 'UDP', port: 53, nodePort: 30_054 },
    ]);
    assert.deepEqual(unserved, [
      { port: 54, protocol: 'SCTP', error: 'ProtocolNotSupported' },
      { port: 55, protocol: 'TCP', error: 'NodePortMissing' },
    ]);
  });

  test('families in their order, and the addresses asked for', () => {
    const settings = {
      ...defaultSettings,
      addresses: ['172.19.9.9', 'fd00:172:19::9'].map(requireAddress),
    };
    const both = desired({ ipFamilies: ['IPv6', 'IPv4'], loadBalancerIP: '172.19.1.1' }, settings);
    assert.deepEqual(both.families, [6, 4]);
    assert.deepEqual(both.addresses.map(formatAddress), ['172.19.1.1', 'fd00:172:19::9']);
  });

  const timing = {
    intervalMs: 2000,
    timeoutMs: 1000,
    healthyThreshold: 2,
    unhealthyThreshold: 2,
  };
  const local: Partial<ServiceSpec> = {
    externalTrafficPolicy: 'Local',
    healthCheckNodePort: 31_000,
  };
  const health = (settings: object) => ({
    ...defaultSettings,
    health: { ...defaultSettings.health, ...settings },
  });

  test('a check of the first TCP node port', () => {
    assert.deepEqual(desired().health, { protocol: 'TCP', port: 30_080, path: '/', ...timing });
  });

  test('with policy Local, of healthCheckNodePort (row 13)', () => {
    assert.deepEqual(desired(local).health, {
      protocol: 'HTTP',
      port: 31_000,
      path: '/healthz',
      ...timing,
    });
  });

  test('no check with UDP alone, unless a port is named', () => {
    const udp: Partial<ServiceSpec> = { ports: [{ port: 53, nodePort: 30_053, protocol: 'UDP' }] };
    assert.equal(desired(udp).health, undefined);
    assert.equal(desired(udp, health({ port: 10_256 })).health?.port, 10_256);
  });

  test('a path makes it HTTP; what is named wins', () => {
    assert.equal(desired({}, health({ path: '/up' })).health?.protocol, 'HTTP');
    assert.equal(desired({}, health({ path: '/up', protocol: 'HTTPS' })).health?.protocol, 'HTTPS');
    assert.equal(desired(local, health({ port: 80 })).health?.protocol, 'TCP');
  });
});

describe('what its status says', () => {
  const addresses = [requireAddress('172.19.0.1')];

  test('every port, with the reason for those that are not served', () => {
    const parts = desired({ ports: [...ports, { name: 'none', port: 81 }] });
    assert.deepEqual(ingressStatus(parts, addresses), [
      {
        ip: '172.19.0.1',
        ipMode: 'VIP',
        ports: [
          { port: 80, protocol: 'TCP' },
          { port: 81, protocol: 'TCP', error: 'NodePortMissing' },
        ],
      },
    ]);
  });

  test('row 9: nodes keep out when endpoints wait for the PROXY protocol', () => {
    const parts = desired({}, { ...defaultSettings, proxyProtocol: true });
    assert.equal(ingressStatus(parts, addresses)[0]?.ipMode, 'Proxy');
  });
});

describe('what people are told of a change', () => {
  const local: Partial<ServiceSpec> = {
    externalTrafficPolicy: 'Local',
    healthCheckNodePort: 31_000,
    loadBalancerSourceRanges: ['10.0.0.0/8', '192.0.2.0/24'],
  };
  const cases: readonly (readonly [
    name: string,
    before: Partial<ServiceSpec>,
    now: Partial<ServiceSpec>,
    told: readonly string[],
  ])[] = [
    ['nothing', {}, {}, []],
    ['ports are not told', {}, { ports: [] }, []],
    ['a type', { type: 'ClusterIP' }, local, ['Type: ClusterIP -> LoadBalancer']],
    ['other types', { type: 'ClusterIP' }, { type: 'NodePort' }, []],
    ['another class', { loadBalancerClass: 'x' }, { ...local, loadBalancerClass: 'x' }, []],
    [
      'fields',
      { externalTrafficPolicy: 'Cluster', loadBalancerIP: '172.19.0.9' },
      local,
      [
        'LoadBalancerSourceRanges: [] -> [10.0.0.0/8 192.0.2.0/24]',
        'LoadbalancerIP: 172.19.0.9 -> ',
        'ExternalTrafficPolicy: Cluster -> Local',
        'HealthCheckNodePort: 0 -> 31000',
      ],
    ],
  ];
  for (const [name, before, now, told] of cases) {
    test(name, () => {
      const found = specChanges(service(before), service(now));
      assert.deepEqual(
        found.map(({ reason, message }) => `${reason}: ${message}`),
        told,
      );
    });
  }
});

describe('who is let in (row 11)', () => {
  test('everybody without ranges, else who is in one', () => {
    assert.ok(isAdmitted('192.0.2.1', desired().sourceRanges));
    assert.ok(!isAdmitted('192.0.2.1', desired({ loadBalancerSourceRanges: ['?'] }).sourceRanges));
    const ranges = ['10.0.0.0/8', 'fd00::/8'].map(requireCidr);
    assert.ok(isAdmitted('10.1.2.3', ranges));
    assert.ok(isAdmitted('::ffff:10.1.2.3', ranges));
    assert.ok(isAdmitted('fd00::1', ranges));
    assert.ok(!isAdmitted('192.0.2.1', ranges));
  });
});

describe('which nodes', () => {
  const node = (name: string, parts: Partial<Node> = {}, metadata: object = {}): Node => ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, ...metadata },
    spec: {},
    status: {
      addresses: [
        { type: 'Hostname', address: name },
        { type: 'InternalIP', address: '172.18.0.2' },
        { type: 'InternalIP', address: 'fd00:172:18::2' },
        { type: 'InternalIP', address: '172.18.0.9' },
      ],
    },
    ...parts,
  });

  test('by name, the first InternalIP of each family; a cordoned one too', () => {
    const found = backendNodes([node('b'), node('a', { spec: { unschedulable: true } })]);
    assert.deepEqual(
      found.map(({ name }) => name),
      ['a', 'b'],
    );
    assert.deepEqual(found[0]?.addresses, { 4: '172.18.0.2', 6: 'fd00:172:18::2' });
  });

  test('none that leaves or is excluded', () => {
    const taint = { key: 'ToBeDeletedByClusterAutoscaler', effect: 'NoSchedule' } as const;
    const label = 'node.kubernetes.io/exclude-from-external-load-balancers';
    assert.deepEqual(
      backendNodes([
        node('a', {}, { deletionTimestamp: '2026-01-01T00:00:00Z' }),
        node('b', {}, { labels: { [label]: 'false' } }),
        node('c', { spec: { taints: [taint] } }),
      ]),
      [],
    );
  });
});
