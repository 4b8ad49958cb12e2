import { isDeepStrictEqual } from 'node:util';
import { fieldInvalid, fieldNotSupported, type FieldError, type FieldPath } from './field-error.ts';

/** Fails when an update changes `path`; absent and undefined are the same. */
export function immutable(path: FieldPath, next: unknown, previous: unknown): FieldError[] {
  if (isDeepStrictEqual(next, previous)) return [];
  return [fieldInvalid(path, next ?? null, 'field is immutable')];
}

/** Fails for a number below zero; undefined is fine. */
export function nonNegative(path: FieldPath, value: number | undefined): FieldError[] {
  if (value === undefined || value >= 0) return [];
  return [fieldInvalid(path, value, 'must be greater than or equal to 0')];
}

/** Fails for a number below one; undefined is fine. */
export function positive(path: FieldPath, value: number | undefined): FieldError[] {
  if (value === undefined || value > 0) return [];
  return [fieldInvalid(path, value, 'must be greater than 0')];
}

/** Fails for a text that is none of `supported`; undefined is fine. */
export function oneOf(
  path: FieldPath,
  value: string | undefined,
  supported: readonly string[],
): FieldError[] {
  if (value === undefined || supported.includes(value)) return [];
  return [fieldNotSupported(path, value, supported)];
}

/** Runs a check of `names.ts` and puts its messages at `path`; an absent text is fine. */
export function checked(
  path: FieldPath,
  value: string | undefined,
  check: (text: string) => readonly string[],
): FieldError[] {
  if (value === undefined) return [];
  return check(value).map((message) => fieldInvalid(path, value, message));
}
