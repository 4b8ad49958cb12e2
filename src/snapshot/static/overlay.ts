import {
  needsNodePort,
  type AnyObject,
  type Pod,
  type ServicePort,
  type ServiceSpec,
} from '../../kube/index.ts';
import { belongsTo, workloadKinds } from './workloads.ts';

/** The group without the version: an object is the same one in every version of its kind. */
function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/');
  return slash === -1 ? '' : apiVersion.slice(0, slash);
}

/** Equal for versions of one object. */
export function identityOf({ apiVersion, kind, metadata }: AnyObject): string {
  return `${groupOf(apiVersion)}/${kind}/${metadata.namespace ?? ''}/${metadata.name}`;
}

/** Written by the endpoint controllers, which would write it anew. */
function isDerived({ kind, metadata }: AnyObject): boolean {
  const by = metadata.labels?.['endpointslice.kubernetes.io/managed-by'] ?? '';
  return kind === 'EndpointSlice' && by.startsWith('endpointslice');
}

/** What an applied object keeps of the one that it replaces: what the API server gave it. */
function merged(next: AnyObject, previous: AnyObject | undefined): AnyObject {
  if (previous === undefined) return next;
  const { uid } = previous.metadata;
  const metadata = uid === undefined ? next.metadata : { ...next.metadata, uid };
  const status = next['status'] ?? previous['status'];
  const object = status === undefined ? { ...next, metadata } : { ...next, metadata, status };
  return next.kind === 'Service' ? withAllocated(object, previous) : object;
}

const allocated = ['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy'];

function withAllocated(next: AnyObject, previous: AnyObject): AnyObject {
  const before = (previous['spec'] ?? {}) as Partial<ServiceSpec>;
  const after = (next['spec'] ?? {}) as Partial<ServiceSpec>;
  const kept = Object.fromEntries(
    Object.entries(before).filter(([field]) => allocated.includes(field)),
  );
  const ports = withNodePorts(after, before.ports);
  return { ...next, spec: { ...kept, ...after, ...(ports === undefined ? {} : { ports }) } };
}

/** A port keeps its node port as long as the Service has any: an apply merges ports by number and protocol. */
function withNodePorts(
  spec: Partial<ServiceSpec>,
  before: readonly ServicePort[] = [],
): ServicePort[] | undefined {
  if (!needsNodePort(spec)) return undefined;
  return spec.ports?.map((port) => {
    const { nodePort } = before.find((one) => samePort(one, port)) ?? {};
    return port.nodePort !== undefined || nodePort === undefined ? port : { ...port, nodePort };
  });
}

function samePort(one: ServicePort, other: ServicePort): boolean {
  return one.port === other.port && (one.protocol ?? 'TCP') === (other.protocol ?? 'TCP');
}

/**
 * Objects after others are applied over them: those of the same identity are replaced, pods of replaced workloads go with
 * them, and what controllers derive is derived anew.
 */
export function overlayObjects(
  objects: readonly AnyObject[],
  changes: readonly AnyObject[],
): AnyObject[] {
  const before = new Map(objects.map((object) => [identityOf(object), object]));
  const replaced = changes.flatMap((change) => before.get(identityOf(change)) ?? []);
  const workloads = replaced.filter(({ kind }) => workloadKinds.includes(kind));
  const isGone = (object: AnyObject): boolean =>
    isDerived(object) ||
    replaced.includes(object) ||
    (object.kind === 'Pod' &&
      workloads.some((workload) => belongsTo(object as unknown as Pod, workload)));
  return [
    ...objects.filter((object) => !isGone(object)),
    ...changes.map((change) => merged(change, before.get(identityOf(change)))),
  ];
}
