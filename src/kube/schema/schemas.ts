import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { addedDescriptions, addedSchemas } from './additions/additions.ts';
import {
  decodeType,
  describeField,
  descriptionsFile,
  schemasFile,
  type CompactSchemas,
  type Descriptions,
} from './compact.ts';
import type { Schema, SchemaField, SchemaName } from './contract.ts';
import { factsOf } from './facts.ts';

let compact: CompactSchemas | undefined;
let descriptions: Descriptions | undefined;
const schemas = new Map<SchemaName, Schema>();

/** Parsed on first use: a daemon that only serves reads never pays for it. */
function compactSchemas(): CompactSchemas {
  compact ??= {
    ...(JSON.parse(readFileSync(schemasFile, 'utf8')) as CompactSchemas),
    ...addedSchemas,
  };
  return compact;
}

function build(name: SchemaName): Schema | undefined {
  const dot = name.lastIndexOf('.');
  const goPackage = name.slice(0, dot);
  const codes = compactSchemas()[goPackage]?.[name.slice(dot + 1)];
  if (codes === undefined) return undefined;
  const facts = factsOf(name);
  const fields = new Map<string, SchemaField>();
  for (const [field, code] of Object.entries(codes)) {
    const required = code.endsWith('!');
    const type = decodeType(required ? code.slice(0, -1) : code, goPackage);
    fields.set(field, { name: field, type, required, ...facts[field] });
  }
  return { name, fields };
}

/** Returns a built-in schema, or undefined for a name that Kubernetes never had (custom resources). */
export function schemaNamed(name: SchemaName): Schema | undefined {
  const known = schemas.get(name);
  if (known !== undefined) return known;
  const schema = build(name);
  if (schema !== undefined) schemas.set(name, schema);
  return schema;
}

/** Names of all built-in schemas, sorted. */
export function schemaNames(): SchemaName[] {
  return Object.entries(compactSchemas()).flatMap(([goPackage, types]) =>
    Object.keys(types).map((type) => `${goPackage}.${type}`),
  );
}

/** The documentation of a schema or of one of its fields, as `kubectl explain` shows it; may be empty. */
export function descriptionOf(schema: SchemaName, field?: string): string {
  descriptions ??= {
    ...(JSON.parse(gunzipSync(readFileSync(descriptionsFile)).toString('utf8')) as Descriptions),
    ...addedDescriptions,
  };
  return descriptions[field === undefined ? schema : describeField(schema, field)] ?? '';
}

/** Gives back the memory of the descriptions (about 2 MB) once documents are built from them. */
export function forgetDescriptions(): void {
  descriptions = undefined;
}
