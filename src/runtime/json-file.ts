import { readFileSync, renameSync, writeFileSync } from 'node:fs';

/** Writes a file so that a reader sees the old or the new content whole, whoever writes too and whatever is killed. */
export function writeFileWhole(path: string, content: string | Uint8Array): void {
  const temporary = `${path}.${process.pid}.new`;
  writeFileSync(temporary, content);
  renameSync(temporary, path);
}

/** Writes JSON as {@link writeFileWhole} does. */
export function writeJsonFile(path: string, value: unknown): void {
  writeFileWhole(path, JSON.stringify(value, null, 1));
}

/** Reads what {@link writeJsonFile} wrote; undefined when there is no such file. */
export function readJsonFile(path: string): unknown {
  const text = readTextFile(path);
  return text === undefined ? undefined : (JSON.parse(text) as unknown);
}

/** A small file's text; undefined when there is no such file. */
export function readTextFile(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Whether a file system call failed because the path is not there. */
export function isMissing(error: unknown): boolean {
  const code = errnoOf(error);
  // ENOTDIR: a parent of the path became a file. ESRCH: a file of /proc whose process ended while it was read.
  return code === 'ENOENT' || code === 'ENOTDIR' || code === 'ESRCH';
}

/** The errno name of a failed system call, e.g. `ENOENT`. */
export function errnoOf(error: unknown): string | undefined {
  const code = (error as { readonly code?: unknown }).code;
  return typeof code === 'string' ? code : undefined;
}
