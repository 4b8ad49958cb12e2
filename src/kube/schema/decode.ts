import type * as Yaml from 'yaml';
import { messageOf } from '../../fault/index.ts';
import { ApiError, badRequest } from '../api-error.ts';
import type { FieldProblem } from './contract.ts';
import { findDuplicateFields } from './duplicates.ts';
import { kubernetesYaml } from './yaml-dialect.ts';

/** A request body as a value, with the keys that were given twice. */
export interface DecodedBody {
  readonly value: unknown;
  readonly problems: readonly FieldProblem[];
}

/** Parses a JSON body. @throws ApiError `BadRequest` when it is not JSON. */
export function decodeJson(text: string): DecodedBody {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw badRequest(`the body of the request is not JSON: ${messageOf(error)}`);
  }
  return { value, problems: findDuplicateFields(text) };
}

function duplicateKey(error: Yaml.YAMLParseError, text: string, line: number): FieldProblem {
  const key = /^\s*(?:- )?["']?([^:"']+)/.exec(text.slice(error.pos[0]))?.[1]?.trim() ?? '';
  const message = `yaml: unmarshal errors:\n  line ${line}: key "${key}" already set in map`;
  return { kind: 'duplicate', path: key, message };
}

/**
 * Parses a YAML body. The parser is loaded on first use: kubectl sends JSON, and it costs 60 ms to start.
 * @throws ApiError `BadRequest` with the line when it is not YAML.
 */
export async function decodeYaml(text: string): Promise<DecodedBody> {
  const yaml = await import('yaml');
  try {
    return readYaml(yaml, text);
  } catch (error) {
    if (error instanceof ApiError) throw error;
    // Aliases that multiply, or nesting that the parser cannot follow.
    throw badRequest(`error converting YAML to JSON: yaml: ${messageOf(error)}`);
  }
}

function readYaml({ LineCounter, parseDocument }: typeof Yaml, text: string): DecodedBody {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    ...kubernetesYaml,
    lineCounter: lines,
    prettyErrors: false,
  });
  const problems: FieldProblem[] = [];
  for (const error of document.errors) {
    const { line } = lines.linePos(error.pos[0]);
    if (error.code !== 'DUPLICATE_KEY') {
      throw badRequest(`error converting YAML to JSON: yaml: line ${line}: ${error.message}`);
    }
    problems.push(duplicateKey(error, text, line));
  }
  return { value: document.toJS() as unknown, problems };
}
