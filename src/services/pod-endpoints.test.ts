import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Pod, Service, ServicePort } from '../kube/index.ts';
import { addressIn, endpointOfPod, familiesOf, isInEndpoints } from './pod-endpoints.ts';
import { resolvePorts, targetNumber } from './target-ports.ts';

function pod(spec: Partial<Pod['spec']>, status: Pod['status'] = {}): Pod {
  const containers = [
    {
      name: 'main',
      image: 'main',
      ports: [
        { name: 'http', containerPort: 8080 },
        { name: 'dns', containerPort: 5353, protocol: 'UDP' as const },
      ],
    },
  ];
  const metadata = { name: 'web-0', namespace: 'shop', uid: 'u' };
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers, ...spec }, status };
}

function service(spec: Partial<Service['spec']> = {}): Service {
  const metadata = { name: 'web', namespace: 'shop' };
  return { apiVersion: 'v1', kind: 'Service', metadata, spec };
}

const ready: Pod['status'] = {
  podIPs: [{ ip: '10.244.0.2' }, { ip: 'fd00:10:244::2' }],
  conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: '' }],
};

describe("a Service's port in a pod", () => {
  const sidecar = {
    name: 'proxy',
    image: 'proxy',
    restartPolicy: 'Always' as const,
    ports: [{ name: 'admin', containerPort: 9901 }],
  };
  const cases: readonly (readonly [string, Partial<ServicePort>, number | undefined])[] = [
    ['without a target is the same number', {}, 80],
    ['0 is no target', { targetPort: 0 }, 80],
    ['by number', { targetPort: 8081 }, 8081],
    ['by a number written as text, which is a name', { targetPort: '8081' }, undefined],
    ['by name', { targetPort: 'http' }, 8080],
    ['by the name of a port of a sidecar', { targetPort: 'admin' }, 9901],
    ['by a name that the pod has for another protocol', { targetPort: 'dns' }, undefined],
    ['by name, of the same protocol', { targetPort: 'dns', protocol: 'UDP' }, 5353],
    ['by a name that the pod lacks', { targetPort: 'htpp' }, undefined],
  ];
  for (const [what, port, number] of cases) {
    test(what, () => {
      const target = pod({ initContainers: [sidecar] });
      assert.equal(targetNumber(target, { port: 80, ...port }), number);
    });
  }

  test('that the pod lacks is left out, the others stay', () => {
    const ports = [
      { name: 'web', port: 80, targetPort: 'http', appProtocol: 'http' },
      { name: 'gone', port: 81, targetPort: 'gone' },
    ];
    assert.deepEqual(resolvePorts(service({ ports }), pod({})), [
      { name: 'web', protocol: 'TCP', port: 8080, appProtocol: 'http' },
    ]);
  });
});

describe('a pod as an endpoint', () => {
  test('of the families that the Service has', () => {
    assert.deepEqual(familiesOf(service({ clusterIP: 'fd00::1' })), ['IPv6']);
    assert.deepEqual(familiesOf(service({ clusterIP: 'None' })), ['IPv4']);
    assert.deepEqual(familiesOf(service({ ipFamilies: ['IPv6', 'IPv4'] })), ['IPv6', 'IPv4']);
    assert.equal(addressIn(pod({}, ready), 'IPv6'), 'fd00:10:244::2');
    assert.equal(addressIn(pod({}), 'IPv4'), undefined);
  });

  test('has its name below the Service, its node and zone', () => {
    const named = pod({ hostname: 'web-0', subdomain: 'web', nodeName: 'node1' }, ready);
    const metadata = { name: 'node1', labels: { 'topology.kubernetes.io/zone': 'a' } };
    const node = { apiVersion: 'v1', kind: 'Node', metadata, spec: {} };
    assert.deepEqual(endpointOfPod(named, service(), { address: '10.244.0.2', node }), {
      addresses: ['10.244.0.2'],
      conditions: { ready: true, serving: true, terminating: false },
      hostname: 'web-0',
      nodeName: 'node1',
      zone: 'a',
      targetRef: { kind: 'Pod', name: 'web-0', namespace: 'shop', uid: 'u' },
    });
  });

  test('that is being deleted serves and is not ready, and is no address of the Endpoints', () => {
    const alive = pod({}, ready);
    const going = { ...alive, metadata: { ...alive.metadata, deletionTimestamp: 'now' } };
    const place = { address: '10.244.0.2', node: undefined };
    assert.deepEqual(endpointOfPod(going, service(), place).conditions, {
      ready: false,
      serving: true,
      terminating: true,
    });
    assert.equal(isInEndpoints(going, service()), false);
    assert.equal(isInEndpoints(going, service({ publishNotReadyAddresses: true })), true);
  });
});
