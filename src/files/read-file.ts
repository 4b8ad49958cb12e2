import { readFileSync } from 'node:fs';
import { Fault, messageOf } from '../fault/index.ts';
import { isMissing } from './errno.ts';

/** A small file's text, as UTF-8; undefined when there is no such file. */
export function readTextFile(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** What a file of JSON holds; undefined when there is no such file. @throws Fault `FILE_DAMAGED` when it is not JSON */
export function readJsonFile(path: string): unknown {
  const text = readTextFile(path);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Fault({
      code: 'FILE_DAMAGED',
      message: `${path} is not JSON: ${messageOf(error)}`,
      advice: 'Put the file back as it was, or remove what it belongs to.',
      cause: error,
    });
  }
}
