import { schemaNamed, type AnyObject } from '../../kube/index.ts';
import type { PatchRequest } from './contract.ts';
import { notAnObject, unsupportedPatchType } from './errors.ts';
import { isJsonObject } from './json.ts';
import { applyJsonPatch } from './json-patch.ts';
import { applyMergePatch } from './merge-patch.ts';
import { mergeObject } from './strategic-merge.ts';

/** Media types that kinds without Go structs accept; they cannot know merge keys. */
const acceptedByCustomResources = ['application/json-patch+json', 'application/merge-patch+json'];

function patched({ type, body, original, schema }: PatchRequest): unknown {
  const copy = structuredClone(original);
  if (type === 'json') return applyJsonPatch(copy, body);
  if (!isJsonObject(body)) throw notAnObject(body);
  if (type === 'merge') return applyMergePatch(copy, structuredClone(body));
  if (schema === undefined || schemaNamed(schema) === undefined) {
    throw unsupportedPatchType(acceptedByCustomResources);
  }
  return mergeObject(copy, structuredClone(body), schema);
}

/**
 * Returns a private copy of `original` with the patch applied: RFC 6902, RFC 7386 or strategic merge.
 * @throws ApiError `BadRequest`, `Invalid` (a JSON patch that does not apply) or `UnsupportedMediaType`.
 */
export function applyPatch(request: PatchRequest): AnyObject {
  const result = patched(request);
  if (!isJsonObject(result)) throw notAnObject(result);
  return result as AnyObject;
}
