/** A deep copy that may be written to, typed without the `readonly` of shared objects. */
export function privateCopy<T>(value: T): T {
  return copy(value, false) as T;
}

/**
 * As {@link privateCopy}, without the nulls: Go decodes null as the zero value and omits it when it writes.
 * Elements of arrays stay, so that positions in errors stay; see {@link fillNullElements}.
 */
export function copyWithoutNulls<T>(value: T): T {
  return copy(value, true) as T;
}

function copy(value: unknown, dropNulls: boolean): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => copy(item, dropNulls));
  const result: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(value)) {
    if (member === undefined || (dropNulls && member === null)) continue;
    setOwn(result, name, copy(member, dropNulls));
  }
  return result;
}

/** `__proto__` in a body is a key like any other: assigned, it would change what the copy inherits. */
function setOwn(object: Record<string, unknown>, name: string, value: unknown): void {
  if (name === '__proto__') Object.defineProperty(object, name, { value, ...ownProperty });
  else object[name] = value;
}

const ownProperty = { writable: true, enumerable: true, configurable: true };
