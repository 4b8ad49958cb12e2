import {
  fieldInvalid,
  fieldRequired,
  fieldTooMany,
  FieldPath,
  type FieldError,
} from '../../field-error.ts';
import {
  arrayErrors,
  enumErrors,
  numberErrors,
  shouldBe,
  stringErrors,
  typeError,
} from './check-values.ts';
import { fieldSchema, isRecord, type JSONSchemaProps, type JsonRecord } from './json-schema.ts';

function ownErrors(value: unknown, schema: JSONSchemaProps, path: FieldPath): FieldError[] {
  if (typeof value === 'number') return numberErrors(value, schema, path);
  if (typeof value === 'string') return stringErrors(value, schema, path);
  if (Array.isArray(value)) {
    const { items } = schema;
    const inner =
      items === undefined
        ? []
        : value.flatMap((item, at) => validateValue(item, items, path.index(at)));
    return [...arrayErrors(value, schema, path), ...inner];
  }
  return isRecord(value) ? objectErrors(value, schema, path) : [];
}

function objectErrors(value: JsonRecord, schema: JSONSchemaProps, path: FieldPath): FieldError[] {
  const { required = [], minProperties = 0, maxProperties } = schema;
  const names = Object.keys(value);
  return [
    ...required
      .filter((name) => value[name] === undefined)
      .map((name) => fieldRequired(path.child(name))),
    ...(names.length < minProperties
      ? [shouldBe(path, names.length, `should have at least ${minProperties} properties`)]
      : []),
    ...(maxProperties !== undefined && names.length > maxProperties
      ? [fieldTooMany(path, names.length, maxProperties)]
      : []),
    ...names.flatMap((name) => {
      const known = fieldSchema(schema, name);
      return known === undefined ? [] : validateValue(value[name], known, path.child(name));
    }),
  ];
}

function combinationErrors(value: unknown, schema: JSONSchemaProps, path: FieldPath): FieldError[] {
  const { allOf = [], anyOf, oneOf, not } = schema;
  const fits = (option: JSONSchemaProps): boolean =>
    validateValue(value, option, path).length === 0;
  const matches = oneOf?.filter(fits).length;
  const quoted = JSON.stringify(String(path));
  const failures = [
    anyOf === undefined || anyOf.some(fits) ? '' : 'must validate at least one schema (anyOf)',
    matches === undefined || matches === 1
      ? ''
      : `must validate one and only one schema (oneOf). Found ${matches === 0 ? 'none' : matches} valid`,
    not !== undefined && fits(not) ? 'must not validate the schema (not)' : '',
  ];
  return [
    ...allOf.flatMap((option) => validateValue(value, option, path)),
    ...failures
      .filter((failure) => failure !== '')
      .map((failure) => fieldInvalid(path, value, `${quoted} ${failure}`)),
  ];
}

/** Checks a value against a schema; a wrong type hides what else is wrong with the value. */
export function validateValue(
  value: unknown,
  schema: JSONSchemaProps,
  path: FieldPath,
): FieldError[] {
  if (value === null && schema.nullable === true) return [];
  const wrong = typeError(value, schema, path);
  if (wrong !== undefined) return [wrong];
  return [
    ...enumErrors(value, schema, path),
    ...ownErrors(value, schema, path),
    ...combinationErrors(value, schema, path),
  ];
}

/** Checks a custom resource; its metadata has been checked as every object's is. */
export function validateResource(object: unknown, schema: JSONSchemaProps): FieldError[] {
  const errors = validateValue(object, schema, new FieldPath());
  return errors.filter(({ field }) => !field.startsWith('metadata.'));
}
