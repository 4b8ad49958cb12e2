import { LineCounter, parseAllDocuments, type Document } from 'yaml';
import { Fault, messageOf } from '../fault/index.ts';
import { kubernetesYaml, type AnyObject } from '../kube/index.ts';
import type { FieldPath, Manifests } from './contract.ts';
import { offsetOf } from './positions.ts';

interface Source {
  readonly file: string;
  readonly lines: LineCounter;
  readonly document: Document;
}

function invalid(file: string, line: number, what: string, cause?: unknown): Fault {
  return new Fault({
    code: 'MANIFEST_INVALID',
    message: `${file}:${line}: ${what}`,
    advice: 'Correct the file: kubectl would refuse it, too.',
    cause,
  });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isObject(value: unknown): value is AnyObject {
  if (!isRecord(value) || !isRecord(value['metadata'])) return false;
  const { apiVersion, kind, metadata } = value;
  const { name } = metadata as { name?: unknown };
  return typeof apiVersion === 'string' && typeof kind === 'string' && typeof name === 'string';
}

/** `v1 List` and every other list of objects; whatever claims to be one. */
function itemsOf(value: unknown): unknown[] | undefined {
  if (!isRecord(value) || typeof value['kind'] !== 'string') return undefined;
  return value['kind'].endsWith('List') && Array.isArray(value['items'])
    ? value['items']
    : undefined;
}

function lineOf({ lines, document }: Source, path: FieldPath): number {
  return lines.linePos(offsetOf(document, path)).line;
}

function read(source: Source, value: unknown, prefix: FieldPath): Manifests {
  const items = itemsOf(value);
  if (items !== undefined) {
    return joined(items.map((item, at) => read(source, item, [...prefix, 'items', at])));
  }
  if (isObject(value)) {
    const positionOf = (path: FieldPath) => ({
      file: source.file,
      line: lineOf(source, [...prefix, ...path]),
    });
    return { objects: [{ object: value, positionOf }], notes: [] };
  }
  const where = `${source.file}:${lineOf(source, prefix)}`;
  return {
    objects: [],
    notes: [`${where}: passed over: no object with apiVersion, kind and metadata.name`],
  };
}

/** Several manifests as one. */
export function joined(parts: readonly Manifests[]): Manifests {
  return {
    objects: parts.flatMap(({ objects }) => objects),
    notes: parts.flatMap(({ notes }) => notes),
  };
}

function valueOf({ file, document }: Source, line: number): unknown {
  try {
    return document.toJS();
  } catch (error) {
    // Aliases that multiply without end, or of anchors that are not there.
    throw invalid(file, line, messageOf(error), error);
  }
}

/**
 * Reads the objects of a text of YAML or JSON: several documents, anchors and merge keys, lists.
 * @param file its name in positions
 * @throws Fault `MANIFEST_INVALID` with file and line
 */
export function parseManifests(text: string, file: string): Manifests {
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, {
    ...kubernetesYaml,
    lineCounter: lines,
    prettyErrors: false,
  });
  if (!Array.isArray(documents)) return { objects: [], notes: [] };
  const parts: Manifests[] = [];
  for (const document of documents) {
    const [error] = document.errors;
    if (error !== undefined) {
      throw invalid(file, lines.linePos(error.pos[0]).line, error.message, error);
    }
    const source = { file, lines, document };
    const value = valueOf(source, lineOf(source, []));
    if (value === null || value === undefined) continue;
    parts.push(read(source, value, []));
  }
  return joined(parts);
}
