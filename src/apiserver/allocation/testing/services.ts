import assert from 'node:assert/strict';
import { ApiError, serviceKind, type Service, type ServiceSpec } from '../../../kube/index.ts';
import type { ServiceAllocator, ServiceAllocatorOptions } from '../service-allocator.ts';

/** The cluster's own ranges; dynamic values are the first of their band. */
export const dualStack: ServiceAllocatorOptions = {
  serviceCidrs: ['10.96.0.0/12', 'fd00:10:96::/112'],
  nodePorts: { first: 30_000, last: 32_767 },
  pick: () => 0,
};

/** A Service as it reaches allocation: with its defaults. */
export function service(name: string, spec: ServiceSpec): Service {
  const made: Service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'default', uid: `uid-of-${name}` },
    spec: { ports: [{ port: 80 }], selector: { app: name }, ...structuredClone(spec) },
  };
  serviceKind.defaults?.(made);
  return made;
}

/** Reserves and says that the write is stored. */
export function store(allocator: ServiceAllocator, next: Service, previous?: Service): Service {
  serviceKind.defaults?.(next);
  allocator.reserve(next, previous).done();
  return next;
}

/** An edited copy. */
export function change(previous: Service, edit: (spec: ServiceSpec) => void): Service {
  const next = structuredClone(previous);
  edit(next.spec);
  return next;
}

/** The text of the ApiError that `run` throws. */
export function messageOfRefusal(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof ApiError);
    return error.message;
  }
  return assert.fail('was not refused');
}
