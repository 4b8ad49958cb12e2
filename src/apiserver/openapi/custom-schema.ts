import type { JsonSchema } from './json-schema.ts';

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A custom resource's schema with the fields that every object has. */
export function withMeta(document: JsonSchema, metadata: JsonSchema): JsonSchema {
  const properties = isSchema(document['properties']) ? document['properties'] : {};
  return {
    ...document,
    type: 'object',
    properties: {
      apiVersion: { type: 'string', description: 'The version of the schema of this object.' },
      kind: { type: 'string', description: 'The resource that this object represents.' },
      ...properties,
      metadata,
    },
  };
}

/** Keywords that OpenAPI v2 does not have; Kubernetes drops them, and clients then check less. */
const onlyInV3 = new Set([
  'oneOf',
  'anyOf',
  'allOf',
  'not',
  'nullable',
  'x-kubernetes-validations',
]);

function propertiesForV2(properties: unknown): unknown {
  if (!isSchema(properties)) return properties;
  const entries = Object.entries(properties);
  return Object.fromEntries(
    entries.map(([name, value]) => [name, isSchema(value) ? forOpenApiV2(value) : value]),
  );
}

/**
 * Reduces a v3 schema to what v2 can say, as `ToStructuralOpenAPIV2` does: free-form parts lose their type, so
 * that an old kubectl lets everything through there.
 */
export function forOpenApiV2(schema: JsonSchema): JsonSchema {
  if (schema['x-kubernetes-int-or-string'] === true)
    return { format: 'int-or-string', type: 'string' };
  if (schema['x-kubernetes-preserve-unknown-fields'] === true || schema['nullable'] === true) {
    const { description } = schema;
    return description === undefined ? {} : { description };
  }
  const result: JsonSchema = {};
  for (const [key, value] of Object.entries(schema)) {
    if (onlyInV3.has(key)) continue;
    if (key === 'properties') result[key] = propertiesForV2(value);
    else if ((key === 'items' || key === 'additionalProperties') && isSchema(value)) {
      result[key] = forOpenApiV2(value);
    } else result[key] = value;
  }
  return result;
}
