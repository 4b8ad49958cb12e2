import { isJsonObject, setKey, type JsonObject } from './json.ts';

/** RFC 7386: null deletes, objects merge, everything else replaces. Changes `target` in place. */
export function applyMergePatch(target: unknown, patch: unknown): unknown {
  if (!isJsonObject(patch)) return patch;
  const result: JsonObject = isJsonObject(target) ? target : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else setKey(result, key, applyMergePatch(Object.hasOwn(result, key) ? result[key] : {}, value));
  }
  return result;
}
