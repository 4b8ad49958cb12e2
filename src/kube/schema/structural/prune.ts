import type { FieldProblem } from '../contract.ts';
import { fieldSchema, isRecord, type JSONSchemaProps, type JsonRecord } from './json-schema.ts';

/** Fields that every object and every embedded resource has, whatever its schema says. */
const objectFields = new Set(['apiVersion', 'kind', 'metadata']);

/** Called with each field that no schema knows. */
type OnUnknown = (parent: JsonRecord, name: string, path: string) => void;

interface Walk {
  readonly onUnknown: OnUnknown;
  readonly path: string;
  /** True for the root and for embedded resources. */
  readonly isResource: boolean;
}

function visit(value: unknown, schema: JSONSchemaProps, walk: Walk): void {
  if (Array.isArray(value)) {
    const { items } = schema;
    if (items === undefined) return;
    for (const [index, item] of value.entries()) {
      visit(item, items, child(walk, `${walk.path}[${index}]`, items));
    }
  } else if (isRecord(value)) {
    visitFields(value, schema, walk);
  }
}

function child(walk: Walk, path: string, schema: JSONSchemaProps): Walk {
  const isResource = schema['x-kubernetes-embedded-resource'] === true;
  return { onUnknown: walk.onUnknown, path, isResource };
}

function visitFields(value: JsonRecord, schema: JSONSchemaProps, walk: Walk): void {
  const keepsUnknown =
    schema['x-kubernetes-preserve-unknown-fields'] === true || schema.additionalProperties === true;
  for (const [name, item] of Object.entries(value)) {
    const path = walk.path === '' ? name : `${walk.path}.${name}`;
    const known = fieldSchema(schema, name);
    if (walk.isResource && objectFields.has(name)) continue;
    if (known !== undefined) visit(item, known, child(walk, path, known));
    else if (!keepsUnknown) walk.onUnknown(value, name, path);
  }
}

/** Lists the fields that {@link prune} would drop. */
export function unknownFields(object: unknown, schema: JSONSchemaProps): FieldProblem[] {
  const problems: FieldProblem[] = [];
  visit(object, schema, {
    path: '',
    isResource: true,
    onUnknown: (_parent, _name, path) => {
      problems.push({ kind: 'unknown', path, message: `unknown field "${path}"` });
    },
  });
  return problems;
}

/** Drops every field that the schema does not know, in place. */
export function prune(object: unknown, schema: JSONSchemaProps): void {
  visit(object, schema, {
    path: '',
    isResource: true,
    onUnknown: (parent, name) => {
      delete parent[name];
    },
  });
}
