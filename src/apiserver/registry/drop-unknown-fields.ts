import { schemaNamed, type FieldType, type SchemaName } from '../../kube/index.ts';

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function dropFrom(value: unknown, type: FieldType): void {
  if (type.kind === 'object') dropUnknownFields(type.schema, value);
  else if (type.kind === 'array' && Array.isArray(value)) {
    for (const item of value) dropFrom(item, type.items);
  } else if (type.kind === 'map' && isRecord(value)) {
    for (const item of Object.values(value)) dropFrom(item, type.values);
  }
}

/** Removes the fields that a built-in schema does not have, in place: Go's decoder never sees them. */
export function dropUnknownFields(schemaName: SchemaName, value: unknown): void {
  const schema = schemaNamed(schemaName);
  if (schema === undefined || !isRecord(value)) return;
  for (const [name, item] of Object.entries(value)) {
    const field = schema.fields.get(name);
    if (field === undefined) delete value[name];
    else dropFrom(item, field.type);
  }
}
