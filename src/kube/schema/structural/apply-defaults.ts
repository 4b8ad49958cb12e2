import { fieldSchema, isRecord, type JSONSchemaProps, type JsonRecord } from './json-schema.ts';

function fillField(object: JsonRecord, name: string, schema: JSONSchemaProps): void {
  const { default: fallback, nullable = false } = schema;
  if (fallback === undefined) return;
  // A null that the schema does not allow counts as absent (pruned before defaulting, in Kubernetes' words).
  const isAbsent = object[name] === undefined || (object[name] === null && !nullable);
  if (isAbsent) object[name] = structuredClone(fallback);
}

/** Fills in the defaults of a schema, in place, from the outside in: a default may hold further defaults. */
export function applyDefaults(value: unknown, schema: JSONSchemaProps): void {
  if (Array.isArray(value)) {
    const { items } = schema;
    if (items !== undefined) for (const item of value) applyDefaults(item, items);
    return;
  }
  if (!isRecord(value)) return;
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    fillField(value, name, property);
  }
  for (const [name, item] of Object.entries(value)) {
    const known = fieldSchema(schema, name);
    if (known !== undefined) applyDefaults(item, known);
  }
}
