import {
  atomicObjects,
  descriptionOf,
  schemaNamed,
  type FieldType,
  type MergeFacts,
  type ScalarKind,
  type SchemaField,
  type SchemaName,
} from '../../kube/index.ts';

/** A JSON schema as it stands in a document. */
export type JsonSchema = Record<string, unknown>;

/** The two dialects differ in where definitions live and in what may stand beside a reference. */
export type Dialect = 'v2' | 'v3';

const prefixes: Readonly<Record<Dialect, string>> = {
  v2: '#/definitions/',
  v3: '#/components/schemas/',
};

const machinery = 'io.k8s.apimachinery.pkg';

/** Scalars that Kubernetes publishes as named definitions, whose names `kubectl explain` shows. */
const namedScalars: Partial<Readonly<Record<ScalarKind, SchemaName>>> = {
  intOrString: `${machinery}.util.intstr.IntOrString`,
  quantity: `${machinery}.api.resource.Quantity`,
  time: `${machinery}.apis.meta.v1.Time`,
  microTime: `${machinery}.apis.meta.v1.MicroTime`,
  rawExtension: `${machinery}.runtime.RawExtension`,
};

/** The definitions behind {@link namedScalars}. */
export const scalarDefinitions: Readonly<Record<SchemaName, JsonSchema>> = {
  [`${machinery}.util.intstr.IntOrString`]: {
    description: 'A number, or a text such as the name of a port or a percentage.',
    type: 'string',
    format: 'int-or-string',
  },
  [`${machinery}.api.resource.Quantity`]: {
    description: 'A fixed-point number with a decimal or binary suffix: 100m, 1.5Gi, 2e3.',
    type: 'string',
  },
  [`${machinery}.apis.meta.v1.Time`]: {
    description: 'A time in RFC 3339 form with seconds.',
    type: 'string',
    format: 'date-time',
  },
  [`${machinery}.apis.meta.v1.MicroTime`]: {
    description: 'A time in RFC 3339 form with microseconds.',
    type: 'string',
    format: 'date-time',
  },
  [`${machinery}.runtime.RawExtension`]: {
    description: 'Any object.',
    type: 'object',
  },
};

const plainScalars: Partial<Readonly<Record<ScalarKind, JsonSchema>>> = {
  string: { type: 'string' },
  boolean: { type: 'boolean' },
  int32: { type: 'integer', format: 'int32' },
  int64: { type: 'integer', format: 'int64' },
  double: { type: 'number', format: 'double' },
  bytes: { type: 'string', format: 'byte' },
};

export function referenceTo(name: SchemaName, dialect: Dialect): JsonSchema {
  return { $ref: `${prefixes[dialect]}${name}` };
}

function typeSchema(type: FieldType, dialect: Dialect): JsonSchema {
  switch (type.kind) {
    case 'object':
      return referenceTo(type.schema, dialect);
    case 'array':
      return { type: 'array', items: typeSchema(type.items, dialect) };
    case 'map':
      return { type: 'object', additionalProperties: typeSchema(type.values, dialect) };
    default: {
      const named = namedScalars[type.kind];
      return named === undefined ? { ...plainScalars[type.kind] } : referenceTo(named, dialect);
    }
  }
}

function extensions(facts: MergeFacts): JsonSchema {
  const { listMapKeys, listType, mapType, patchMergeKey, patchStrategy } = facts;
  return {
    ...(listMapKeys === undefined ? {} : { 'x-kubernetes-list-map-keys': listMapKeys }),
    ...(listType === undefined ? {} : { 'x-kubernetes-list-type': listType }),
    ...(mapType === undefined ? {} : { 'x-kubernetes-map-type': mapType }),
    ...(patchMergeKey === undefined ? {} : { 'x-kubernetes-patch-merge-key': patchMergeKey }),
    ...(patchStrategy === undefined ? {} : { 'x-kubernetes-patch-strategy': patchStrategy }),
  };
}

/** The client that descriptions come from has none on fields that refer to a type: the type's own stands in. */
function fieldDescription({ name, type }: SchemaField, owner: SchemaName): string {
  const own = descriptionOf(owner, name);
  return own === '' && type.kind === 'object' ? descriptionOf(type.schema) : own;
}

function fieldSchema(field: SchemaField, owner: SchemaName, dialect: Dialect): JsonSchema {
  const described = { description: fieldDescription(field, owner), ...extensions(field) };
  const schema = typeSchema(field.type, dialect);
  // OpenAPI 3.0 ignores whatever stands beside a $ref; Kubernetes wraps it.
  if (dialect === 'v3' && '$ref' in schema) return { allOf: [schema], ...described };
  return { ...schema, ...described };
}

/** The definition of one built-in schema, with its documentation; undefined for unknown names. */
export function definitionOf(name: SchemaName, dialect: Dialect): JsonSchema | undefined {
  const schema = schemaNamed(name);
  if (schema === undefined) return scalarDefinitions[name];
  const fields = [...schema.fields.values()];
  const required = fields.filter((field) => field.required).map((field) => field.name);
  const properties = fields.map((field) => [field.name, fieldSchema(field, name, dialect)]);
  return {
    description: descriptionOf(name),
    type: 'object',
    ...(fields.length === 0 ? {} : { properties: Object.fromEntries(properties) as JsonSchema }),
    ...(required.length === 0 ? {} : { required }),
    ...(atomicObjects.has(name) ? { 'x-kubernetes-map-type': 'atomic' } : {}),
  };
}

function namesIn(type: FieldType): SchemaName[] {
  if (type.kind === 'object') return [type.schema];
  if (type.kind === 'array') return namesIn(type.items);
  if (type.kind === 'map') return namesIn(type.values);
  const named = namedScalars[type.kind];
  return named === undefined ? [] : [named];
}

/** All schemas that the given ones lead to, themselves included. */
export function reachableSchemas(roots: Iterable<SchemaName>): Set<SchemaName> {
  const reached = new Set<SchemaName>();
  const waiting = [...roots];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (reached.has(name)) continue;
    reached.add(name);
    for (const field of schemaNamed(name)?.fields.values() ?? []) {
      waiting.push(...namesIn(field.type));
    }
  }
  return reached;
}
