import type { AnyObject, KindDefinition } from '../../kube/index.ts';

/** A Namespace has finalizers of its own in `spec`, which the finalize subresource takes away. */
export function isNamespace(kind: KindDefinition): boolean {
  return kind.group === '' && kind.plural === 'namespaces';
}

function specFinalizers(object: AnyObject): readonly string[] {
  const spec = object['spec'] as { finalizers?: string[] } | undefined;
  return spec?.finalizers ?? [];
}

/** True while finalizers keep a deleted object in the store. */
export function holdsBack(kind: KindDefinition, object: AnyObject): boolean {
  if ((object.metadata.finalizers ?? []).length > 0) return true;
  return isNamespace(kind) && specFinalizers(object).length > 0;
}
