import {
  fieldDuplicate,
  fieldInvalid,
  fieldNotSupported,
  fieldTooLong,
  fieldTooMany,
  type FieldError,
  type FieldPath,
} from '../../field-error.ts';
import { areRepeated, isSameJson } from '../../checks.ts';
import { hasFormat } from './formats.ts';
import { isRecord, type JSONSchemaProps } from './json-schema.ts';
import { compilePattern } from './pattern.ts';

/** A failed keyword, in the words of the library that Kubernetes validates with. */
export function shouldBe(path: FieldPath, value: unknown, rule: string): FieldError {
  return fieldInvalid(path, value, `${String(path)} in body ${rule}`);
}

const jsonTypes: Readonly<Record<string, (value: unknown) => boolean>> = {
  string: (value) => typeof value === 'string',
  boolean: (value) => typeof value === 'boolean',
  integer: (value) => Number.isInteger(value),
  number: (value) => typeof value === 'number',
  array: (value) => Array.isArray(value),
  object: isRecord,
};

function typeName(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

/** Undefined when the value has the schema's type. */
export function typeError(
  value: unknown,
  schema: JSONSchemaProps,
  path: FieldPath,
): FieldError | undefined {
  if (schema['x-kubernetes-int-or-string'] === true) {
    const isEither = typeof value === 'string' || Number.isInteger(value);
    return isEither ? undefined : wrongType(value, 'integer,string', path);
  }
  if (schema.type === undefined || jsonTypes[schema.type]?.(value) !== false) return undefined;
  return wrongType(value, schema.type, path);
}

function wrongType(value: unknown, wanted: string, path: FieldPath): FieldError {
  const found = typeName(value);
  return shouldBe(path, found, `must be of type ${wanted}: "${found}"`);
}

export function enumErrors(value: unknown, schema: JSONSchemaProps, path: FieldPath): FieldError[] {
  const { enum: allowed } = schema;
  if (allowed === undefined || allowed.some((entry) => isSameJson(entry, value))) return [];
  const texts = allowed.map((entry) => (typeof entry === 'string' ? entry : JSON.stringify(entry)));
  return [fieldNotSupported(path, value, texts)];
}

export function numberErrors(
  value: number,
  schema: JSONSchemaProps,
  path: FieldPath,
): FieldError[] {
  const { minimum, maximum, multipleOf } = schema;
  const { exclusiveMinimum = false, exclusiveMaximum = false } = schema;
  const rules: string[] = [];
  if (minimum !== undefined && (exclusiveMinimum ? value <= minimum : value < minimum)) {
    rules.push(`should be greater than ${exclusiveMinimum ? '' : 'or equal to '}${minimum}`);
  }
  if (maximum !== undefined && (exclusiveMaximum ? value >= maximum : value > maximum)) {
    rules.push(`should be less than ${exclusiveMaximum ? '' : 'or equal to '}${maximum}`);
  }
  if (multipleOf !== undefined && !Number.isInteger(value / multipleOf)) {
    rules.push(`should be a multiple of ${multipleOf}`);
  }
  return rules.map((rule) => shouldBe(path, value, rule));
}

export function stringErrors(
  value: string,
  schema: JSONSchemaProps,
  path: FieldPath,
): FieldError[] {
  const { minLength = 0, maxLength, pattern, format } = schema;
  // Go counts code points, not UTF-16 units.
  const { length } = Array.from(value);
  return [
    ...(maxLength !== undefined && length > maxLength ? [fieldTooLong(path, maxLength)] : []),
    ...(length < minLength
      ? [shouldBe(path, value, `should be at least ${minLength} chars long`)]
      : []),
    ...(pattern !== undefined && !compilePattern(pattern).test(value)
      ? [shouldBe(path, value, `should match '${pattern}'`)]
      : []),
    ...(format !== undefined && !hasFormat(value, format)
      ? [shouldBe(path, value, `must be of type ${format}: ${JSON.stringify(value)}`)]
      : []),
  ];
}

function identityOf(item: unknown, schema: JSONSchemaProps): unknown {
  const keys = schema['x-kubernetes-list-map-keys'];
  if (schema['x-kubernetes-list-type'] !== 'map' || keys === undefined || !isRecord(item)) {
    return item;
  }
  return Object.fromEntries(keys.map((key) => [key, item[key]]));
}

/** One text for all ways to order the fields of a value. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    isRecord(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([one], [two]) => (one < two ? -1 : 1)))
      : inner,
  );
}

function duplicateErrors(
  value: readonly unknown[],
  schema: JSONSchemaProps,
  path: FieldPath,
): FieldError[] {
  const listType = schema['x-kubernetes-list-type'];
  if (listType !== 'set' && listType !== 'map') return [];
  const identities = value.map((item) => identityOf(item, schema));
  const isRepeated = areRepeated(identities.map((identity) => canonicalJson(identity)));
  return identities.flatMap((identity, at) =>
    isRepeated[at] === true ? [fieldDuplicate(path.index(at), identity)] : [],
  );
}

export function arrayErrors(
  value: readonly unknown[],
  schema: JSONSchemaProps,
  path: FieldPath,
): FieldError[] {
  const { minItems = 0, maxItems } = schema;
  return [
    ...(maxItems !== undefined && value.length > maxItems
      ? [fieldTooMany(path, value.length, maxItems)]
      : []),
    ...(value.length < minItems
      ? [shouldBe(path, value.length, `should have at least ${minItems} items`)]
      : []),
    ...duplicateErrors(value, schema, path),
  ];
}
