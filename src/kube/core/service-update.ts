import { isSameJson } from '../checks.ts';
import { fieldInvalid, FieldPath, type FieldError } from '../field-error.ts';
import { isExternallyAccessible } from './service-defaults.ts';
import type { Service, ServiceSpec } from './service-types.ts';

const spec = new FieldPath('spec');
const once = 'may not change once set';

export function needsClusterIP({ type }: ServiceSpec): boolean {
  return type !== 'ExternalName';
}

/** Load balancers may do without node ports (KEP-1864). */
export function needsNodePort({ type, allocateLoadBalancerNodePorts }: ServiceSpec): boolean {
  return (
    type === 'NodePort' || (type === 'LoadBalancer' && allocateLoadBalancerNodePorts !== false)
  );
}

export function needsHealthCheckNodePort({ type, externalTrafficPolicy }: ServiceSpec): boolean {
  return type === 'LoadBalancer' && externalTrafficPolicy === 'Local';
}

function hasNodePorts({ ports = [] }: ServiceSpec): boolean {
  return ports.some(({ nodePort = 0 }) => nodePort !== 0);
}

function nodePortsOf({ ports = [] }: ServiceSpec): string {
  return ports.map(({ nodePort = 0 }) => nodePort).join(',');
}

/**
 * Takes off what the new type has no use for, when the client only sent back what it read: changing the type
 * alone then just works. A field that the client changed stays, for validation to refuse. In place.
 */
export function dropTypeDependentFields(next: ServiceSpec, previous: ServiceSpec): void {
  const isUnchanged = (field: keyof ServiceSpec): boolean =>
    isSameJson(next[field], previous[field]);
  if (needsClusterIP(previous) && !needsClusterIP(next) && isUnchanged('clusterIPs')) {
    for (const field of ['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy'] as const) {
      delete next[field];
    }
  }
  if (needsClusterIP(previous) && !needsClusterIP(next) && isUnchanged('internalTrafficPolicy')) {
    delete next.internalTrafficPolicy;
  }
  const lostNodePorts =
    needsNodePort(previous) && next.type !== previous.type && !needsNodePort(next);
  if (lostNodePorts && hasNodePorts(next) && nodePortsOf(next) === nodePortsOf(previous)) {
    for (const port of next.ports ?? []) delete port.nodePort;
  }
  if (needsHealthCheckNodePort(previous) && !needsHealthCheckNodePort(next)) {
    if (isUnchanged('healthCheckNodePort')) delete next.healthCheckNodePort;
  }
  dropLoadBalancerFields(next, previous);
  if (isExternallyAccessible(previous) && !isExternallyAccessible(next)) {
    if (isUnchanged('externalTrafficPolicy')) delete next.externalTrafficPolicy;
  }
}

function dropLoadBalancerFields(next: ServiceSpec, previous: ServiceSpec): void {
  if (previous.type !== 'LoadBalancer' || next.type === 'LoadBalancer') return;
  for (const field of ['allocateLoadBalancerNodePorts', 'loadBalancerClass'] as const) {
    if (next[field] === previous[field]) delete next[field];
  }
}

/** What an update may not change: the addresses, and the load balancer's class. */
export function validateServiceUpdate(next: Service, previous: Service): FieldError[] {
  return [...addressErrors(next.spec, previous.spec), ...classErrors(next.spec, previous.spec)];
}

function isHeadlessSpec({ clusterIP }: ServiceSpec): boolean {
  return clusterIP === 'None';
}

/** A secondary address may come and go (KEP-563); the primary one stays as long as the type needs it. */
function addressErrors(next: ServiceSpec, previous: ServiceSpec): FieldError[] {
  if (!needsClusterIP(next) || !needsClusterIP(previous)) return [];
  if (isHeadlessSpec(next) && isHeadlessSpec(previous)) return [];
  const { clusterIPs: now = [], ipFamilies: families = [] } = next;
  const { clusterIPs: before = [], ipFamilies: oldFamilies = [] } = previous;
  const ips = spec.child('clusterIPs');
  if (before.length > 0 && now.length === 0) {
    return [fieldInvalid(ips.index(0), now, 'primary clusterIP can not be unset')];
  }
  const changed = before
    .map((_, position) => position)
    .filter((position) => position < now.length && now[position] !== before[position])
    .map((position) => fieldInvalid(ips.index(position), now, once));
  const isFamilyChanged = oldFamilies.length > 0 && families[0] !== oldFamilies[0];
  return [
    ...(isFamilyChanged ? [fieldInvalid(spec.child('ipFamilies').index(0), families, once)] : []),
    ...changed,
    ...downgradeErrors(next, previous),
  ];
}

function downgradeErrors(next: ServiceSpec, previous: ServiceSpec): FieldError[] {
  const isReleased = (previous.clusterIPs ?? []).length > (next.clusterIPs ?? []).length;
  return isReleased && next.ipFamilyPolicy !== 'SingleStack'
    ? [
        fieldInvalid(
          spec.child('ipFamilyPolicy'),
          next.ipFamilyPolicy ?? null,
          "must be set to 'SingleStack' when releasing the secondary clusterIP",
        ),
      ]
    : [];
}

function classErrors(next: ServiceSpec, previous: ServiceSpec): FieldError[] {
  const isSame = next.loadBalancerClass === previous.loadBalancerClass;
  const isStillBalanced = next.type === 'LoadBalancer' && previous.type === 'LoadBalancer';
  return isSame || !isStillBalanced
    ? []
    : [fieldInvalid(spec.child('loadBalancerClass'), next.loadBalancerClass ?? null, once)];
}
