import { ApiError, badRequest, type SchemaName } from '../../kube/index.ts';
import type { JsonObject } from './json.ts';

/** Shows a map as Go's `%v` does, which is what users find in these messages. */
export function goText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(goText).join(' ')}]`;
  if (value === null || value === undefined) return '<nil>';
  if (typeof value !== 'object') return `${value as string | number | boolean}`;
  const keys = Object.keys(value).sort();
  return `map[${keys.map((key) => `${key}:${goText((value as JsonObject)[key])}`).join(' ')}]`;
}

export function badDirective(directive: unknown, map: JsonObject): ApiError {
  return badRequest(`unknown patch type: ${goText(directive)} in map: ${goText(map)}`);
}

export function missingMergeKey(map: JsonObject, mergeKey: string): ApiError {
  return badRequest(`map: ${goText(map)} does not contain declared merge key: ${mergeKey}`);
}

export function mixedList(): ApiError {
  return badRequest('list element types are not identical');
}

export function unknownField(schema: SchemaName, field: string): ApiError {
  const struct = schema.slice(schema.lastIndexOf('.') + 1);
  return badRequest(`unable to find api field in struct ${struct} for the json field "${field}"`);
}

export function notAnObject(body: unknown): ApiError {
  const type = Array.isArray(body) ? 'array' : typeof body;
  const target = 'Go value of type map[string]interface {}';
  return badRequest(`error decoding patch: json: cannot unmarshal ${type} into ${target}`);
}

/** kube-apiserver's answer to a media type that a resource does not take. */
export function unsupportedPatchType(accepted: readonly string[]): ApiError {
  const why = 'the body of the request was in an unknown format - accepted media types include:';
  return new ApiError('UnsupportedMediaType', `${why} ${accepted.join(', ')}`);
}
