import { stringify } from 'yaml';
import type { AnyObject } from '../../kube/index.ts';
import { definitionOf } from '../../snapshot/index.ts';
import type { ObjectId } from '../contract.ts';
import type { Remedy } from '../hops/telling.ts';

/** What the API server writes, and nobody applies. */
const serverFields = [
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'managedFields',
  'selfLink',
] as const;

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** What the API server fills in for a Service, and its author need not write. */
const filledIn: Readonly<Record<string, string | boolean | undefined>> = {
  clusterIPs: undefined,
  ipFamilies: undefined,
  ipFamilyPolicy: 'SingleStack',
  type: 'ClusterIP',
  sessionAffinity: 'None',
  internalTrafficPolicy: 'Cluster',
  externalTrafficPolicy: 'Cluster',
  allocateLoadBalancerNodePorts: true,
};

/** What the load balancer's controller keeps a Service with (`servicehelper.LoadBalancerCleanupFinalizer`). */
const BALANCER_FINALIZER = 'service.kubernetes.io/load-balancer-cleanup';

/** A Service without its address, which the next apply leaves as it is. */
function plainService(spec: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const own = Object.entries(spec).filter(([field, value]) => {
    if (field === 'clusterIP') return value === 'None';
    return !(field in filledIn) || (filledIn[field] !== undefined && filledIn[field] !== value);
  });
  return Object.fromEntries(own);
}

/** An object as its author would write it. */
function authored(object: AnyObject, home: string): AnyObject {
  const { status: _status, ...copy } = structuredClone(object);
  const isHomeless = copy.metadata.namespace === undefined && isNamespaced(object);
  const metadata = { ...copy.metadata, ...(isHomeless ? { namespace: home } : {}) };
  for (const field of serverFields) delete metadata[field as keyof typeof metadata];
  const { [LAST_APPLIED]: _applied, ...annotations } = metadata.annotations ?? {};
  delete metadata.annotations;
  if (Object.keys(annotations).length > 0) metadata.annotations = annotations;
  const finalizers = metadata.finalizers?.filter((one) => one !== BALANCER_FINALIZER) ?? [];
  delete metadata.finalizers;
  if (finalizers.length > 0) metadata.finalizers = finalizers;
  if (copy.kind !== 'Service') return { ...copy, metadata };
  return { ...copy, metadata, spec: plainService(copy['spec'] as Record<string, unknown>) };
}

function isNamespaced(object: AnyObject): boolean {
  return definitionOf(object)?.namespaced === true;
}

/** Objects as YAML documents to apply. @param home the namespace of objects that name none */
export function manifestOf(objects: readonly AnyObject[], home: string): string {
  // kubectl reads YAML 1.1, in which more texts than in 1.2 are no strings unless they are quoted.
  const options = { lineWidth: 0, aliasDuplicateObjects: false, compat: 'yaml-1.1' };
  return objects.map((object) => stringify(authored(object, home), options)).join('---\n');
}

function isThe(object: AnyObject, { kind, namespace, name }: ObjectId, home: string): boolean {
  const { metadata } = object;
  if (object.kind !== kind || metadata.name !== name) return false;
  return namespace === undefined || (metadata.namespace ?? home) === namespace;
}

/**
 * A changed copy of the object that a remedy is for; undefined when it is not among them.
 * @param home the namespace of objects that name none
 */
export function edited(
  objects: readonly AnyObject[],
  remedy: Remedy,
  home: string,
): AnyObject | undefined {
  const object = objects.find((one) => isThe(one, remedy.object, home));
  if (object === undefined) return undefined;
  const copy = structuredClone(object);
  remedy.edit(copy);
  return copy;
}
