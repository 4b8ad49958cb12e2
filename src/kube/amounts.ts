import { checkNotNegative } from './checks.ts';
import { fieldInvalid, type FieldError, type FieldPath } from './field-error.ts';
import type { IntOrString } from './int-or-string.ts';

const badPercentage =
  "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')";

/** Checks a count or percentage of pods; `whole` says that more than 100% makes no sense. */
export function checkAmount(
  path: FieldPath,
  value: IntOrString | undefined,
  { whole }: { readonly whole: boolean },
): FieldError[] {
  if (value === undefined) return [];
  if (typeof value === 'number') return checkNotNegative(path, value);
  const percent = /^(\d+)%$/.exec(value)?.[1];
  if (percent === undefined) return [fieldInvalid(path, value, badPercentage)];
  const isTooMuch = whole && Number(percent) > 100;
  return isTooMuch ? [fieldInvalid(path, value, 'must not be greater than 100%')] : [];
}

/** Whether an amount is none at all: 0 or 0%. */
export function isNone(value: IntOrString | undefined): boolean {
  return value === undefined || value === 0 || value === '0%';
}
