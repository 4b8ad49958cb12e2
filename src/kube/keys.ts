import type { KubeObject } from './meta.ts';

/** `NAMESPACE/NAME`, or `NAME` for a cluster-scoped object: the key of every cache and work queue. */
export function keyOf(object: KubeObject): string {
  return objectKey(object.metadata);
}

export function objectKey(ref: { readonly namespace?: string; readonly name: string }): string {
  return ref.namespace === undefined || ref.namespace === ''
    ? ref.name
    : `${ref.namespace}/${ref.name}`;
}

/** Takes a key apart; the inverse of {@link objectKey}. */
export function splitKey(key: string): { readonly namespace?: string; readonly name: string } {
  const slash = key.indexOf('/');
  if (slash === -1) return { name: key };
  return { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}
