import { hasKey, isJsonObject, setKey, type JsonObject } from './json.ts';

/** A JSON patch that does not fit the document; the message is that of the library Kubernetes uses. */
export class PatchMismatch extends Error {
  /** The JSON pointer that failed. */
  readonly path: string;

  constructor(path: string, message: string) {
    super(message);
    this.name = 'PatchMismatch';
    this.path = path;
  }
}

/** The place that a pointer names: a container and a key in it. */
export interface Place {
  readonly container: JsonObject | unknown[];
  readonly key: string;
  readonly pointer: string;
}

/** RFC 6901: `/spec/a~1b` is `['spec', 'a/b']`. */
export function parsePointer(pointer: string): string[] {
  if (pointer === '') return [];
  if (!pointer.startsWith('/'))
    throw new PatchMismatch(pointer, `invalid JSON pointer: "${pointer}"`);
  const segments = pointer.slice(1).split('/');
  return segments.map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** The index that a segment means; `length` itself is allowed for insertion only. */
function indexIn(place: Place, limit: number): number {
  const index = /^(0|[1-9]\d*)$/.test(place.key) ? Number(place.key) : Number.NaN;
  if (Number.isNaN(index) || index > limit) {
    const message = `Unable to access invalid index: ${place.key}: invalid index referenced`;
    throw new PatchMismatch(place.pointer, message);
  }
  return index;
}

/** The value at a place; undefined when an object has no such key. */
export function valueAt(place: Place): unknown {
  const { container, key } = place;
  if (Array.isArray(container)) return container[indexIn(place, container.length - 1)];
  return hasKey(container, key) ? container[key] : undefined;
}

/** Walks to the container of the last segment. */
export function locate(document: unknown, pointer: string, operation: string): Place {
  const segments = parsePointer(pointer);
  const key = segments.pop() ?? '';
  let container = document;
  for (const segment of segments) {
    const isContainer = Array.isArray(container) || isJsonObject(container);
    container = isContainer
      ? valueAt({ container: container as Place['container'], key: segment, pointer })
      : undefined;
  }
  if (Array.isArray(container) || isJsonObject(container)) return { container, key, pointer };
  const message = `${operation} operation does not apply: doc is missing path: "${pointer}": missing value`;
  throw new PatchMismatch(pointer, message);
}

export function insertAt(place: Place, value: unknown): void {
  const { container, key } = place;
  if (!Array.isArray(container)) setKey(container, key, value);
  else if (key === '-') container.push(value);
  else container.splice(indexIn(place, container.length), 0, value);
}

export function replaceAt(place: Place, value: unknown): void {
  const { container, key } = place;
  if (Array.isArray(container)) container[indexIn(place, container.length - 1)] = value;
  else setKey(container, key, value);
}

export function removeAt(place: Place): void {
  const { container, key } = place;
  if (Array.isArray(container)) container.splice(indexIn(place, container.length - 1), 1);
  else delete container[key];
}
