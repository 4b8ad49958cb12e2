import type { AnyObject } from '../../../kube/index.ts';
import { updateObject } from '../update.ts';
import type { Subresource } from './subresource.ts';

/** The object with the finalizers of `wanted`, and nothing else of it. */
function withFinalizers(existing: AnyObject, wanted: AnyObject): AnyObject {
  const { finalizers = [] } = (wanted['spec'] ?? {}) as { finalizers?: string[] };
  const { finalizers: _finalizers, ...spec } = (existing['spec'] ?? {}) as Record<string, unknown>;
  const resourceVersion = wanted.metadata?.resourceVersion ?? '';
  return {
    ...existing,
    metadata: { ...existing.metadata, resourceVersion },
    spec: finalizers.length === 0 ? spec : { ...spec, finalizers },
  };
}

/** Takes away a namespace's own finalizers; a deleted one without any is removed. */
export const finalize: Subresource = {
  name: 'finalize',
  verbs: ['update'],
  update: (context, { target, call, object }) =>
    updateObject(context, {
      target,
      call,
      subresource: 'finalize',
      isTrusted: true,
      next: (existing) => withFinalizers(existing, object),
    }),
};
