import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { ApiError, type Service, type ServiceSpec } from '../../kube/index.ts';
import { claimsOf, ServiceAllocator, type Reservation } from './service-allocator.ts';
import { service } from './testing/services.ts';

/** Small enough to be full now and then: 14 addresses, 16 node ports. */
function smallAllocator(): ServiceAllocator {
  return new ServiceAllocator({
    serviceCidrs: ['10.0.0.0/28', 'fd00::/124'],
    nodePorts: { first: 30_000, last: 30_015 },
    pick: (bound) => bound >> 1,
  });
}

const specs: readonly ServiceSpec[] = [
  {},
  { type: 'NodePort' },
  { type: 'LoadBalancer', externalTrafficPolicy: 'Local' },
  { type: 'ExternalName', externalName: 'a.b' },
  { ipFamilyPolicy: 'PreferDualStack' },
  { type: 'NodePort', ports: [{ port: 1, nodePort: 30_003 }], clusterIP: '10.0.0.3' },
];

/** One step: write or delete the Service `s<index>`, as `spec` says, and keep it or fail. */
const step = fc.record({
  index: fc.nat(5),
  spec: fc.option(fc.constantFrom(...specs)),
  succeeds: fc.boolean(),
});

/** What a client sends: what it read, with the allocated fields that its new type cannot have left out. */
function wanted(name: string, spec: ServiceSpec, stored: Service | undefined): Service {
  const made = service(name, spec);
  if (stored !== undefined) delete made.spec.clusterIP;
  return made;
}

function tryReserve(
  allocator: ServiceAllocator,
  next: Service,
  stored: Service | undefined,
): Reservation | undefined {
  try {
    return allocator.reserve(next, stored);
  } catch (error) {
    assert.ok(error instanceof ApiError);
    return undefined;
  }
}

test('no two stored Services share a claim, whatever fails; all is free when they are gone', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const allocator = smallAllocator();
      const stored = new Map<string, Service>();
      for (const { index, spec, succeeds } of steps) {
        const name = `s${index}`;
        const previous = stored.get(name);
        if (spec === null) {
          if (previous !== undefined) allocator.release(previous);
          stored.delete(name);
          continue;
        }
        const next = wanted(name, spec, previous);
        const reservation = tryReserve(allocator, next, previous);
        if (reservation === undefined) continue;
        if (succeeds) {
          reservation.done();
          stored.set(name, next);
        } else {
          reservation.undo();
        }
        const claims = [...stored.values()].flatMap((one) => [...claimsOf(one)]);
        assert.equal(new Set(claims).size, claims.length);
      }
      for (const one of stored.values()) allocator.release(one);
      for (let count = 0; count < 14; count += 1) {
        allocator.reserve(service(`new${count}`, { type: 'NodePort' }), undefined).done();
      }
    }),
  );
});
