import type { AnyObject, KubeObject, Namespace, Pod } from '../../kube/index.ts';
import type { DeleteOptions } from '../client.ts';

const policyFinalizers = {
  Foreground: 'foregroundDeletion',
  Orphan: 'orphan',
  Background: undefined,
};

function hasHolds(object: KubeObject): boolean {
  const { finalizers } = (object.kind === 'Namespace' && (object as Namespace).spec) || {};
  return (object.metadata.finalizers ?? []).length > 0 || (finalizers ?? []).length > 0;
}

/** A pod on a node goes when its node says so, by a deletion with no grace. */
function graceOf(object: KubeObject, options: DeleteOptions): number {
  if (object.kind !== 'Pod' || (object as Pod).spec.nodeName === undefined) return 0;
  return options.gracePeriodSeconds ?? 30;
}

/** True when a deletion was asked for and nothing holds the object any more. */
export function isReleased(object: KubeObject): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds = 0 } = object.metadata;
  return deletionTimestamp !== undefined && deletionGracePeriodSeconds === 0 && !hasHolds(object);
}

/** The object once its deletion was asked for; undefined when it is gone at once. */
export function afterDeletion(
  object: KubeObject,
  options: DeleteOptions,
  now: string,
): KubeObject | undefined {
  const finalizer = policyFinalizers[options.propagationPolicy ?? 'Background'];
  const finalizers = new Set(object.metadata.finalizers);
  if (finalizer !== undefined) finalizers.add(finalizer);
  const next: AnyObject = {
    ...(object as AnyObject),
    metadata: {
      ...object.metadata,
      finalizers: [...finalizers],
      deletionTimestamp: object.metadata.deletionTimestamp ?? now,
      deletionGracePeriodSeconds: graceOf(object, options),
    },
  };
  if (object.kind === 'Namespace')
    next['status'] = { ...(object as Namespace).status, phase: 'Terminating' };
  return isReleased(next) ? undefined : next;
}
