import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Service, ServiceSpec } from '../../kube/index.ts';
import { ServiceAllocator } from './service-allocator.ts';
import { change, dualStack, messageOfRefusal, service, store } from './testing/services.ts';

describe('node ports', () => {
  test('dynamic ones start above the static band; protocols of one port share a number', () => {
    const allocator = new ServiceAllocator(dualStack);
    const dns = store(
      allocator,
      service('dns', {
        type: 'NodePort',
        ports: [
          { name: 'udp', port: 53, protocol: 'UDP' },
          { name: 'tcp', port: 53, protocol: 'TCP' },
          { name: 'metrics', port: 9153 },
        ],
      }),
    );
    assert.deepEqual(
      dns.spec.ports?.map(({ nodePort }) => nodePort),
      [30_086, 30_086, 30_087],
    );
  });

  const chosen = (nodePort: number): ServiceSpec => ({
    type: 'NodePort',
    ports: [{ port: 80, nodePort }],
  });

  test('a number is held by one Service for each protocol', () => {
    const allocator = new ServiceAllocator(dualStack);
    store(allocator, service('a', chosen(32_000)));
    assert.equal(
      messageOfRefusal(() => allocator.reserve(service('b', chosen(32_000)), undefined)),
      'Service "b" is invalid: spec.ports[0].nodePort: Invalid value: 32000: provided port is already allocated',
    );
    store(
      allocator,
      service('c', { type: 'NodePort', ports: [{ port: 80, nodePort: 32_000, protocol: 'UDP' }] }),
    );
  });

  test('a number outside the range is refused', () => {
    const allocator = new ServiceAllocator(dualStack);
    assert.equal(
      messageOfRefusal(() => allocator.reserve(service('b', chosen(8080)), undefined)),
      'Service "b" is invalid: spec.ports[0].nodePort: Invalid value: 8080: provided port is not in the valid range. The range of valid ports is 30000-32767',
    );
  });

  test('replacing without node ports keeps them, by the name of the port', () => {
    const allocator = new ServiceAllocator(dualStack);
    const old = store(allocator, service('a', chosen(32_000)));
    const next = service('a', { type: 'NodePort', ports: [{ port: 8080 }] });
    store(allocator, next, old);
    assert.equal(next.spec.ports?.[0]?.nodePort, 32_000);
    assert.equal(next.spec.clusterIP, old.spec.clusterIP);
  });

  test('type changes give node ports back and get new ones', () => {
    const allocator = new ServiceAllocator(dualStack);
    const nodePort = store(allocator, service('a', chosen(32_000)));
    const clusterIP = store(
      allocator,
      change(nodePort, (spec) => {
        spec.type = 'ClusterIP';
      }),
      nodePort,
    );
    assert.equal(clusterIP.spec.ports?.[0]?.nodePort, undefined);
    assert.equal(clusterIP.spec.externalTrafficPolicy, undefined);
    store(allocator, service('b', chosen(32_000)));
    const external = store(
      allocator,
      change(clusterIP, (spec) => {
        spec.type = 'ExternalName';
        spec.externalName = 'db.example';
      }),
      clusterIP,
    );
    assert.equal(external.spec.clusterIP, undefined);
    const again = store(
      allocator,
      change(external, (spec) => {
        spec.type = 'NodePort';
        delete spec.externalName;
      }),
      external,
    );
    assert.equal(again.spec.clusterIP, '10.96.1.1');
    assert.equal(again.spec.ports?.[0]?.nodePort, 30_086);
  });

  test('load balancers get a health check port with Local, and may do without node ports', () => {
    const allocator = new ServiceAllocator(dualStack);
    const local = store(
      allocator,
      service('lb', { type: 'LoadBalancer', externalTrafficPolicy: 'Local' }),
    );
    assert.equal(local.spec.ports?.[0]?.nodePort, 30_086);
    assert.equal(local.spec.healthCheckNodePort, 30_087);
    const bare = store(
      allocator,
      service('bare', { type: 'LoadBalancer', allocateLoadBalancerNodePorts: false }),
    );
    assert.equal(bare.spec.ports?.[0]?.nodePort, undefined);
  });
});

test('row 12: node ports that are there stay until somebody takes them off', () => {
  const allocator = new ServiceAllocator(dualStack);
  const first = store(allocator, service('lb', { type: 'LoadBalancer' }));
  const without = { ...first.spec, allocateLoadBalancerNodePorts: false };
  const kept = store(allocator, { ...first, spec: structuredClone(without) }, first);
  assert.equal(kept.spec.ports?.[0]?.nodePort, first.spec.ports?.[0]?.nodePort);
  const bare = { ...without, ports: [{ port: 80 }] };
  const freed = store(allocator, { ...first, spec: structuredClone(bare) }, kept);
  assert.equal(freed.spec.ports?.[0]?.nodePort, undefined);
  const taken = service('other', {
    type: 'NodePort',
    ports: [{ port: 80, nodePort: first.spec.ports?.[0]?.nodePort ?? 0 }],
  });
  assert.ok(store(allocator, taken));
});

describe('reservations', () => {
  test('a failed create frees everything', () => {
    const allocator = new ServiceAllocator(dualStack);
    const failed = service('a', { type: 'NodePort', clusterIP: '10.96.0.9' });
    allocator.reserve(failed, undefined).undo();
    const next = store(allocator, service('b', { type: 'NodePort', clusterIP: '10.96.0.9' }));
    assert.equal(next.spec.ports?.[0]?.nodePort, failed.spec.ports?.[0]?.nodePort);
  });

  test('of two writes of one Service under way, the one that fails frees only its own', () => {
    const allocator = new ServiceAllocator(dualStack);
    const stored = store(allocator, service('a', { type: 'NodePort' }));
    const winner = allocator.reserve(structuredClone(stored), stored);
    const loser = allocator.reserve(structuredClone(stored), stored);
    winner.done();
    loser.undo();
    const nodePort = stored.spec.ports?.[0]?.nodePort ?? 0;
    const thief = service('b', { type: 'NodePort', ports: [{ port: 1, nodePort }] });
    assert.match(
      messageOfRefusal(() => allocator.reserve(thief, undefined)),
      /already allocated/,
    );
  });

  test('what a Service holds is free when it is gone', () => {
    const allocator = new ServiceAllocator(dualStack);
    const held = store(allocator, service('a', { clusterIP: '10.96.0.9' }));
    const rival = (): Service => service('b', { clusterIP: '10.96.0.9' });
    assert.match(
      messageOfRefusal(() => allocator.reserve(rival(), undefined)),
      /already allocated/,
    );
    allocator.release(held);
    store(allocator, rival());
  });

  test('stored Services are taken over at start', () => {
    const before = store(new ServiceAllocator(dualStack), service('a', { type: 'NodePort' }));
    const allocator = new ServiceAllocator(dualStack);
    allocator.restore([before]);
    const next = store(allocator, service('b', { type: 'NodePort' }));
    assert.equal(next.spec.clusterIP, '10.96.1.2');
    assert.equal(next.spec.ports?.[0]?.nodePort, 30_087);
  });

  test('an address stays with its Service when its range is taken away', () => {
    const allocator = new ServiceAllocator(dualStack);
    const old = store(allocator, service('a', {}));
    allocator.setServiceCidrs(['172.30.0.0/16']);
    const same = store(allocator, structuredClone(old), old);
    assert.equal(same.spec.clusterIP, '10.96.1.1');
    assert.equal(store(allocator, service('b', {})).spec.clusterIP, '172.30.1.1');
  });
});
