import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Service, ServiceSpec } from '../kube/index.ts';
import { nodePortBindings, type PublishedNode } from './node-port-bindings.ts';

const nodes: readonly PublishedNode[] = [
  { internalIPs: { IPv4: '172.18.0.2', IPv6: 'fd00::2' }, loopback: '127.18.0.2' },
  { internalIPs: { IPv4: '172.18.0.3' }, loopback: '127.18.0.3' },
];

function service(spec: ServiceSpec, labels: Record<string, string> = {}): Service {
  return { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', labels }, spec };
}

function summary(...services: readonly Service[]): string[] {
  return nodePortBindings(nodes, services).map(
    ({ listen, target, protocol }) =>
      `${protocol} ${listen.address}:${listen.port} ${target.address}:${target.port}`,
  );
}

const ports = [{ port: 80, nodePort: 32_000 }];

test('every NodePort at every node', () => {
  assert.deepEqual(summary(service({ type: 'NodePort', ports })), [
    'TCP 127.18.0.2:32000 172.18.0.2:32000',
    'TCP 127.18.0.3:32000 172.18.0.3:32000',
  ]);
});

test('every protocol that the host has sockets for', () => {
  const all = (['TCP', 'UDP', 'SCTP'] as const).map((protocol) => ({
    port: 53,
    nodePort: 30_053,
    protocol,
  }));
  assert.deepEqual(summary(service({ type: 'LoadBalancer', ports: all })), [
    'TCP 127.18.0.2:30053 172.18.0.2:30053',
    'UDP 127.18.0.2:30053 172.18.0.2:30053',
    'TCP 127.18.0.3:30053 172.18.0.3:30053',
    'UDP 127.18.0.3:30053 172.18.0.3:30053',
  ]);
});

test('only the families of the Service, on the nodes that have them', () => {
  assert.deepEqual(summary(service({ type: 'NodePort', ports, ipFamilies: ['IPv6'] })), [
    'TCP 127.18.0.2:32000 fd00::2:32000',
  ]);
  assert.equal(
    summary(service({ type: 'NodePort', ports, ipFamilies: ['IPv6', 'IPv4'] })).length,
    2,
  );
});

test('nothing for Services without NodePorts, or of another proxy', () => {
  assert.deepEqual(summary(service({ type: 'ClusterIP', ports })), []);
  assert.deepEqual(summary(service({ type: 'NodePort', ports: [{ port: 80 }] })), []);
  assert.deepEqual(summary(service({ type: 'ExternalName' })), []);
  const label = { 'service.kubernetes.io/service-proxy-name': 'other' };
  assert.deepEqual(summary(service({ type: 'NodePort', ports }, label)), []);
});
