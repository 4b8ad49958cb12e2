import { badRequest } from '../../kube/index.ts';
import { hasKey, isJsonObject, setKey, type JsonObject } from './json.ts';
import { isSameElement } from './list-order.ts';

export const deletePrefix = '$deleteFromPrimitiveList/';
export const orderPrefix = '$setElementOrder/';
const retainKey = '$retainKeys';
const patchKey = '$patch';

/** Removes and returns the `$patch` of an object. */
export function takeDirective(patch: JsonObject): unknown {
  const directive = patch[patchKey];
  delete patch[patchKey];
  return directive;
}

function isDirective(key: string): boolean {
  return (
    key === patchKey ||
    key === retainKey ||
    key.startsWith(deletePrefix) ||
    key.startsWith(orderPrefix)
  );
}

/**
 * What is left of a patch value that meets nothing to merge with: no directives and no nulls (they delete).
 * An object with a `$patch` of its own has nothing to act on and goes as a whole: undefined.
 */
export function dropDirectives(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(dropDirectives).filter((item) => item !== undefined);
  }
  if (!isJsonObject(value)) return value;
  if (hasKey(value, patchKey)) return undefined;
  const result: JsonObject = {};
  for (const [key, item] of Object.entries(value)) {
    const kept = item === null || isDirective(key) ? undefined : dropDirectives(item);
    if (kept !== undefined) setKey(result, key, kept);
  }
  return result;
}

/** `$retainKeys`: the named keys stay, all others leave the original. */
export function retainKeys(original: JsonObject, patch: JsonObject): void {
  const names: unknown = patch[retainKey];
  if (names === undefined) return;
  delete patch[retainKey];
  if (!Array.isArray(names)) throw badRequest('invalid patch format of retainKeys');
  const retained = new Set<unknown>(names);
  for (const [key, value] of Object.entries(patch)) {
    if (value !== null && !isDirective(key) && !retained.has(key)) {
      throw badRequest('invalid patch format of retainKeys');
    }
  }
  for (const key of Object.keys(original)) if (!retained.has(key)) delete original[key];
}

/** Every element of the patch has to be in the order list, in the same relative order. */
export function validateOrder(
  patch: readonly unknown[],
  order: readonly unknown[],
  mergeKey: string,
): void {
  let position = 0;
  for (const item of patch) {
    if (isJsonObject(item) && hasKey(item, patchKey)) continue;
    while (position < order.length && !isSameElement(order[position], item, mergeKey))
      position += 1;
    if (position === order.length) {
      throw badRequest("the order in patch list doesn't match $setElementOrder list");
    }
    position += 1;
  }
}
