import type { KindDefinition, SchemaName } from '../../kube/index.ts';
import {
  definitionOf,
  reachableSchemas,
  referenceTo,
  type Dialect,
  type JsonSchema,
} from './json-schema.ts';
import { forOpenApiV2, withMeta } from './custom-schema.ts';
import {
  deleteOptionsSchema,
  groupVersionKind,
  patchSchema,
  statusSchema,
  type GroupVersionKind,
} from './operations.ts';

const listMeta = 'io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta';
const objectMeta = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';
const scale = 'io.k8s.api.autoscaling.v1.Scale';

/** `JSONPatch` and merge patches alike: any object or list. */
const patchDefinition: JsonSchema = {
  description: 'A JSON patch, merge patch, strategic merge patch or apply configuration.',
  type: 'object',
};

/** Definitions that belong to no kind but that clients look for by their kind. */
const sharedKinds: Readonly<Record<SchemaName, GroupVersionKind>> = {
  [statusSchema]: { group: '', version: 'v1', kind: 'Status' },
  [deleteOptionsSchema]: { group: '', version: 'v1', kind: 'DeleteOptions' },
  [scale]: { group: 'autoscaling', version: 'v1', kind: 'Scale' },
};

function listOf(kind: KindDefinition, dialect: Dialect): JsonSchema {
  return {
    description: `A list of ${kind.kind} objects.`,
    type: 'object',
    required: ['items'],
    properties: {
      apiVersion: { type: 'string' },
      items: { type: 'array', items: referenceTo(kind.schema, dialect) },
      kind: { type: 'string' },
      metadata: referenceTo(listMeta, dialect),
    },
  };
}

function customDefinitions(kind: KindDefinition, dialect: Dialect): [SchemaName, JsonSchema][] {
  if (kind.structural === undefined) return [];
  const document = withMeta(kind.structural.document, referenceTo(objectMeta, dialect));
  const object = dialect === 'v2' ? forOpenApiV2(document) : document;
  return [
    [kind.schema, object],
    [`${kind.schema}List`, listOf(kind, dialect)],
  ];
}

/** Which kind a definition is: `x-kubernetes-group-version-kind`, by which kubectl finds it. */
function kindsByName(kinds: readonly KindDefinition[]): Map<SchemaName, GroupVersionKind> {
  const named = new Map(Object.entries(sharedKinds));
  for (const kind of kinds) {
    const gvk = groupVersionKind(kind);
    named.set(kind.schema, gvk);
    named.set(`${kind.schema}List`, { ...gvk, kind: `${gvk.kind}List` });
  }
  return named;
}

/** Every definition that the given kinds need, sorted by name, for one document. */
export function definitionsFor(
  kinds: readonly KindDefinition[],
  dialect: Dialect,
): Record<SchemaName, JsonSchema> {
  const roots = kinds.flatMap(({ schema }) => [schema, `${schema}List`]);
  const shared = [objectMeta, listMeta, statusSchema, deleteOptionsSchema];
  const scales = kinds.some((kind) => kind.scale !== undefined) ? [scale] : [];
  const custom = new Map(kinds.flatMap((kind) => customDefinitions(kind, dialect)));
  const gvks = kindsByName(kinds);
  const definitions: Record<SchemaName, JsonSchema> = {};
  const names = [...reachableSchemas([...roots, ...shared, ...scales]), patchSchema].sort();
  for (const name of names) {
    const known = name === patchSchema ? patchDefinition : custom.get(name);
    const definition = known ?? definitionOf(name, dialect);
    if (definition === undefined) continue;
    const gvk = gvks.get(name);
    const marks = gvk === undefined ? {} : { 'x-kubernetes-group-version-kind': [gvk] };
    definitions[name] = { ...definition, ...marks };
  }
  return definitions;
}
