import { accessSync, constants, statSync } from 'node:fs';
import { join } from 'node:path';
import { CNI_CODE, CniError } from '../../cni/index.ts';

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    // Not there, or not for us: the search goes on.
    return false;
  }
}

/** The program of a plugin: the first of its name on the path. @throws CniError 100 in the reference library's words */
export function findPlugin(type: string, path: readonly string[]): string {
  const found = path.map((directory) => join(directory, type)).find(isProgram);
  if (found !== undefined) return found;
  throw new CniError({
    number: CNI_CODE.other,
    message: `failed to find plugin ${JSON.stringify(type)} in path [${path.join(' ')}]`,
  });
}
