import { isIP } from 'node:net';
import { isDeepStrictEqual } from 'node:util';
import {
  fieldDuplicate,
  fieldInvalid,
  fieldNotSupported,
  fieldRequired,
  type FieldError,
  type FieldPath,
} from './field-error.ts';
import type { IntOrString } from './int-or-string.ts';
import { portName, portNumber, type Check } from './names.ts';

/** Applies a check of {@link file://./names.ts} to one field; an absent one is Go's empty string. */
export function checkText(path: FieldPath, value: string | undefined, check: Check): FieldError[] {
  const text = value ?? '';
  return check(text).map((message) => fieldInvalid(path, text, message));
}

/** Like {@link checkText}, for a field that may be absent. */
export function checkOptionalText(
  path: FieldPath,
  value: string | undefined,
  check: Check,
): FieldError[] {
  return value === undefined ? [] : checkText(path, value, check);
}

/** Like {@link checkText}, for a field that must be set. */
export function checkRequiredText(
  path: FieldPath,
  value: string | undefined,
  check: Check,
): FieldError[] {
  return isUnset(value) ? [fieldRequired(path)] : checkText(path, value, check);
}

/** JSON's absent and Go's empty string are one to the API. */
export function isUnset(value: string | undefined | null): value is undefined | null | '' {
  return value === undefined || value === null || value === '';
}

export function checkPresent(path: FieldPath, value: unknown, detail = ''): FieldError[] {
  return value === undefined || value === null || value === '' ? [fieldRequired(path, detail)] : [];
}

/** A required field that takes one of a few values. */
export function checkEnum(
  path: FieldPath,
  value: string | undefined,
  supported: readonly string[],
): FieldError[] {
  return isUnset(value) ? [fieldRequired(path)] : checkOptionalEnum(path, value, supported);
}

export function checkOptionalEnum(
  path: FieldPath,
  value: string | undefined,
  supported: readonly string[],
): FieldError[] {
  return value === undefined || supported.includes(value)
    ? []
    : [fieldNotSupported(path, value, supported)];
}

export function checkNotNegative(path: FieldPath, value: number | undefined): FieldError[] {
  return value !== undefined && value < 0
    ? [fieldInvalid(path, value, 'must be greater than or equal to 0')]
    : [];
}

export function checkPositive(path: FieldPath, value: number | undefined): FieldError[] {
  return value !== undefined && value <= 0
    ? [fieldInvalid(path, value, 'must be greater than 0')]
    : [];
}

/** An absent port is 0, which is none. */
export function checkPortNumber(path: FieldPath, value: number | undefined): FieldError[] {
  const port = value ?? 0;
  return portNumber(port).map((message) => fieldInvalid(path, port, message));
}

/** A port of a container: by number, or by name. */
export function checkPort(path: FieldPath, value: IntOrString | undefined): FieldError[] {
  if (typeof value !== 'string') return checkPortNumber(path, value);
  return portName(value).map((message) => fieldInvalid(path, value, message));
}

export const ipMessage = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';

export function checkIp(path: FieldPath, value: string): FieldError[] {
  return isIP(value) === 0 || value.includes('%') ? [fieldInvalid(path, value, ipMessage)] : [];
}

const cidrMessage = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)';

export function isCidr(value: string): boolean {
  const match = /^(?<address>[^/%]+)\/(?<length>0|[1-9]\d{0,2})$/.exec(value);
  const family = isIP(match?.groups?.['address'] ?? '');
  return family !== 0 && Number(match?.groups?.['length']) <= (family === 4 ? 32 : 128);
}

export function checkCidr(path: FieldPath, value: string): FieldError[] {
  return isCidr(value) ? [] : [fieldInvalid(path, value, cidrMessage)];
}

/** Of each value, whether an equal one stands before it. */
export function areRepeated(values: readonly string[]): boolean[] {
  const seen = new Set<string>();
  return values.map((value) => seen.size === seen.add(value).size);
}

/** Reports every value that stood earlier in the list; undefined ones are skipped. */
export function checkUnique(
  values: readonly (string | undefined)[],
  pathOf: (position: number) => FieldPath,
): FieldError[] {
  const seen = new Set<string>();
  return values.flatMap((value, position) => {
    if (isUnset(value)) return [];
    if (seen.has(value)) return [fieldDuplicate(pathOf(position), value)];
    seen.add(value);
    return [];
  });
}

/** Equality of JSON, where an absent field and an undefined one are the same. */
export function isSameJson(one: unknown, two: unknown): boolean {
  if (isDeepStrictEqual(one, two)) return true;
  return isDeepStrictEqual(plain(one), plain(two));
}

function plain(value: unknown): unknown {
  return value === undefined ? undefined : (JSON.parse(JSON.stringify(value)) as unknown);
}

export function checkImmutable(path: FieldPath, next: unknown, previous: unknown): FieldError[] {
  return isSameJson(next, previous) ? [] : [fieldInvalid(path, next ?? null, 'field is immutable')];
}
