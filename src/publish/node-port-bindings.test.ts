import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Service, ServiceSpec } from '../kube/index.ts';
import { NodePortBindings, type PublishedNode } from './node-port-bindings.ts';

const nodes: readonly PublishedNode[] = [
  { internalIPs: { IPv4: '172.18.0.2', IPv6: 'fd00::2' }, loopback: '127.18.0.2' },
  { internalIPs: { IPv4: '172.18.0.3' }, loopback: '127.18.0.3' },
];

function service(spec: ServiceSpec, labels: Record<string, string> = {}): Service {
  return { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', labels }, spec };
}

function texts(bindings: NodePortBindings): string[] {
  return bindings
    .list()
    .map(
      ({ listen, target, protocol }) =>
        `${protocol} ${listen.address}:${listen.port} ${target.address}:${target.port}`,
    );
}

function summary(next: Service): string[] {
  const bindings = new NodePortBindings(nodes);
  bindings.replace({ previous: undefined, next });
  return texts(bindings);
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

test('a Service that changes takes the place of what it was, and others stay', () => {
  const bindings = new NodePortBindings(nodes);
  const web = service({ type: 'NodePort', ports });
  const other = { ...service({ type: 'NodePort', ports: [{ port: 81, nodePort: 32_001 }] }) };
  other.metadata = { name: 'other' };
  assert.ok(bindings.replace({ previous: undefined, next: web }));
  assert.ok(bindings.replace({ previous: undefined, next: other }));
  const moved = service({ type: 'NodePort', ports: [{ port: 80, nodePort: 32_002 }] });
  assert.ok(bindings.replace({ previous: web, next: moved }));
  assert.deepEqual(
    bindings.list().map(({ listen }) => listen.port),
    [32_002, 32_002, 32_001, 32_001],
  );
  assert.ok(bindings.replace({ previous: moved, next: service({ type: 'ClusterIP', ports }) }));
  assert.ok(bindings.replace({ previous: other, next: undefined }));
  assert.deepEqual(bindings.list(), []);
});

test('a change that nothing listens for is no news', () => {
  const bindings = new NodePortBindings(nodes);
  const web = service({ type: 'NodePort', ports });
  const headless = service({ type: 'ClusterIP', ports });
  assert.ok(!bindings.replace({ previous: undefined, next: headless }));
  assert.ok(bindings.replace({ previous: headless, next: web }));
  assert.ok(
    !bindings.replace({ previous: web, next: service({ ...web.spec }, { tier: 'front' }) }),
  );
});
