import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** One field of a generated class, as its type map states it. */
export interface ModelField {
  readonly name: string;
  /** `Array<V1ServicePort>`, `{ [key: string]: string; }`, `number`, ... */
  readonly type: string;
  readonly format: string;
  readonly required: boolean;
  readonly description: string;
}

export interface Model {
  readonly className: string;
  readonly description: string;
  readonly fields: readonly ModelField[];
}

interface MappedClass {
  readonly attributeTypeMap?: readonly {
    readonly name: string;
    readonly baseName: string;
    readonly type: string;
    readonly format: string;
  }[];
}

/** Where set-up (`scripts/kubernetes-client.mjs`) unpacked the package. */
const packageFolder = join(import.meta.dirname, '../../../../.cache/kubernetes-client/package');

function generatedFolder(): string {
  const folder = join(packageFolder, 'dist', 'gen');
  if (existsSync(folder)) return folder;
  throw new Error(`${folder} is missing; npm test fetches it`);
}

/** Undoes the generator's escapes and its folding of a doc comment into one line. */
function plainText(comment: string): string {
  return comment
    .replaceAll(/\\(['"])/g, '$1')
    .replaceAll('\\\\', '\\')
    .replaceAll(/\s*\n\s*\*\s?/g, '\n')
    .trim();
}

interface Declaration {
  readonly description: string;
  readonly fields: ReadonlyMap<
    string,
    { readonly required: boolean; readonly description: string }
  >;
}

function readDeclaration(file: string): Declaration {
  const text = readFileSync(file, 'utf8');
  const head = /\/\*\*\s*\n\* ([^]*?)\s*\*\/\s*\nexport declare class/.exec(text);
  const fields = new Map<string, { required: boolean; description: string }>();
  const member = /(?:\/\*\*\s*\n\s*\* ((?:(?!\*\/)[^])*?)\s*\*\/\s*\n)?\s*'([^']+)'(\?)?: /g;
  for (const [, comment = '', name = '', optional] of text.matchAll(member)) {
    fields.set(name, { required: optional === undefined, description: plainText(comment) });
  }
  return { description: plainText(head?.[1] ?? ''), fields };
}

/** Reads every generated class with its doc comments. */
export async function readModels(): Promise<Map<string, Model>> {
  const folder = join(generatedFolder(), 'models');
  const all = (await import(pathToFileURL(join(folder, 'all.js')).href)) as Record<string, unknown>;
  const models = new Map<string, Model>();
  for (const [className, value] of Object.entries(all)) {
    const map = (value as MappedClass).attributeTypeMap;
    if (map === undefined) continue;
    const declared = readDeclaration(join(folder, `${className}.d.ts`));
    const fields = map.map(({ name, baseName, type, format }) => ({
      name: baseName,
      type,
      format,
      required: declared.fields.get(name)?.required ?? false,
      description: declared.fields.get(name)?.description ?? '',
    }));
    models.set(className, { className, description: declared.description, fields });
  }
  return models;
}

/** The classes that one generated API file sends or receives. */
export function classesOfApi(api: string): string[] {
  const text = readFileSync(join(generatedFolder(), 'apis', `${api}.js`), 'utf8');
  const mentioned = text.matchAll(/ObjectSerializer\.(?:de)?serialize\([^"]*"([A-Za-z0-9]+)"/g);
  return [...new Set([...mentioned].map(([, name = '']) => name))].sort();
}
