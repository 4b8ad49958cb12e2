import type { ScalarKind } from '../contract.ts';
import { describeField, type CompactSchemas, type Descriptions } from '../compact.ts';
import { classesOfApi, readModels, type Model, type ModelField } from './models.ts';
import { nameClasses } from './packages.ts';
import { exceptions } from './exceptions.ts';

/** Both generated files, as values. */
export interface Generated {
  readonly schemas: CompactSchemas;
  readonly descriptions: Descriptions;
}

const scalarOfNumberFormat: Readonly<Record<string, ScalarKind>> = {
  int32: 'int32',
  int64: 'int64',
  double: 'double',
};

function scalarOf(type: string, format: string): ScalarKind | undefined {
  switch (type) {
    case 'string':
      return format === 'byte' ? 'bytes' : 'string';
    case 'number':
      return scalarOfNumberFormat[format] ?? 'int64';
    case 'boolean':
      return 'boolean';
    case 'Date':
      return 'time';
    case 'V1MicroTime':
      return 'microTime';
    case 'IntOrString':
      return 'intOrString';
    case 'any':
    case 'object':
      return 'any';
    default:
      return undefined;
  }
}

function split(schemaName: string): [goPackage: string, name: string] {
  const dot = schemaName.lastIndexOf('.');
  return [schemaName.slice(0, dot), schemaName.slice(dot + 1)];
}

interface Context {
  readonly names: ReadonlyMap<string, string>;
  readonly goPackage: string;
  readonly format: string;
}

/** Translates a TypeScript type of the client into the notation of `CompactSchemas`. */
function encodeType(type: string, context: Context): string {
  const list = /^Array<(.+)>$/.exec(type)?.[1];
  if (list !== undefined) return `[]${encodeType(list, context)}`;
  const map = /^\{ \[key: string\]: (.+); \}$/.exec(type)?.[1];
  if (map !== undefined) return `{}${encodeType(map, context)}`;
  const scalar = scalarOf(type, context.format);
  if (scalar !== undefined) return scalar;
  const name = context.names.get(type);
  if (name === undefined) throw new Error(`no package is known for the client's class ${type}`);
  const [goPackage, short] = split(name);
  return goPackage === context.goPackage ? short : name;
}

function encodeField(field: ModelField, schemaName: string, context: Context): string {
  const scalar = exceptions[schemaName]?.[field.name];
  const code = encodeType(field.type, { ...context, format: field.format });
  const exact = scalar === undefined ? code : code.replace(/(string|any)$/, scalar);
  return field.required ? `${exact}!` : exact;
}

function classesIn(model: Model | undefined, models: ReadonlyMap<string, Model>): string[] {
  const words = (model?.fields ?? []).flatMap((field) => field.type.match(/\w+/g) ?? []);
  return [...new Set(words)].filter((word) => models.has(word));
}

/** Reads the client's models and returns what the two generated files must hold. */
export async function generate(): Promise<Generated> {
  const models = await readModels();
  const names = nameClasses(
    (api) => classesOfApi(api).filter((name) => models.has(name)),
    (className) => classesIn(models.get(className), models),
  );
  const schemas: CompactSchemas = {};
  const descriptions: Descriptions = {};
  const sorted = [...names].sort(([, a], [, b]) => (a < b ? -1 : 1));
  for (const [className, schemaName] of sorted) {
    const model = models.get(className);
    if (model === undefined) continue;
    const [goPackage, short] = split(schemaName);
    const context = { names, goPackage, format: '' };
    const fields = [...model.fields].sort((a, b) => (a.name < b.name ? -1 : 1));
    (schemas[goPackage] ??= {})[short] = Object.fromEntries(
      fields.map((field) => [field.name, encodeField(field, schemaName, context)]),
    );
    descriptions[schemaName] = model.description;
    for (const field of fields) {
      descriptions[describeField(schemaName, field.name)] = field.description;
    }
  }
  return { schemas, descriptions };
}
