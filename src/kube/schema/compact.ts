import type { FieldType, ScalarKind } from './contract.ts';

/**
 * The generated schemas: Go package, type, field, code. A code is a scalar in lower case (`int32`), a type of the
 * same package (`ServicePort`) or a full name (`io.k8s...ObjectMeta`), with `[]` or `{}` before it for lists and
 * string-keyed maps, and `!` after it when the field is required.
 */
export type CompactSchemas = Record<string, Record<string, Record<string, string>>>;

/** Description by schema name, or by schema name, space and field. */
export type Descriptions = Record<string, string>;

export const schemasFile = new URL('gen/schemas.json', import.meta.url);
export const descriptionsFile = new URL('gen/descriptions.json.gz', import.meta.url);

/** The key of a field in {@link Descriptions}. */
export function describeField(schemaName: string, field: string): string {
  return `${schemaName} ${field}`;
}

/** One line for each type, so that a newer Kubernetes shows as a readable diff. */
export function serializeSchemas(schemas: CompactSchemas): string {
  const packages = Object.entries(schemas).map(([goPackage, types]) => {
    const lines = Object.entries(types).map(
      ([name, fields]) => `${JSON.stringify(name)}:${JSON.stringify(fields)}`,
    );
    return `${JSON.stringify(goPackage)}:{\n${lines.join(',\n')}\n}`;
  });
  return `{${packages.join(',\n')}}\n`;
}

/** Reads a code without its `!`; `goPackage` is where short names live. */
export function decodeType(code: string, goPackage: string): FieldType {
  if (code.startsWith('[]')) return { kind: 'array', items: decodeType(code.slice(2), goPackage) };
  if (code.startsWith('{}')) return { kind: 'map', values: decodeType(code.slice(2), goPackage) };
  if (code.includes('.')) return { kind: 'object', schema: code };
  if (/^[A-Z]/.test(code)) return { kind: 'object', schema: `${goPackage}.${code}` };
  return { kind: code as ScalarKind };
}
