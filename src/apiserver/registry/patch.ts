import type { AnyObject } from '../../kube/index.ts';
import type { PatchType } from '../../client/index.ts';
import { applyPatch } from '../patch/apply-patch.ts';
import type { Call, RegistryContext, Target } from './context.ts';
import { withMetadata } from './decode-object.ts';
import { updateObject } from './update.ts';

/** A patch, decoded. */
export interface Patch {
  readonly type: PatchType;
  readonly body: unknown;
  /** Looks at each result before it is taken; throws to refuse, may drop fields. */
  check?(patched: AnyObject): void;
}

/** Applies a patch to an object of the given schema and has the result checked. */
export function applyChecked(
  patch: Patch,
  original: AnyObject,
  schema: string | undefined,
): AnyObject {
  const patched = withMetadata(
    applyPatch({ type: patch.type, body: patch.body, original, schema }),
  );
  patch.check?.(patched);
  return patched;
}

/** The schema whose merge keys a strategic merge follows; custom resources have none. */
export function patchSchema({ kind }: Pick<Target, 'kind'>): string | undefined {
  return kind.isCustom ? undefined : kind.definition.schema;
}

export interface PatchObjectRequest {
  readonly target: Target;
  readonly call: Call;
  readonly subresource?: string;
  readonly patch: Patch;
}

/**
 * Patches the newest state; tried again when another write comes between, unless the patch names a
 * resourceVersion.
 */
export function patchObject(
  context: RegistryContext,
  { target, call, subresource = '', patch }: PatchObjectRequest,
): Promise<AnyObject> {
  return updateObject(context, {
    target,
    call,
    subresource,
    next: (existing) => applyChecked(patch, existing, patchSchema(target)),
  });
}
