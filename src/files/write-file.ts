import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

/** How a file is written. */
export interface WriteOptions {
  /** Its permissions, less the umask; 0o600 when absent. A file that is replaced does not hand on its own. */
  readonly mode?: number;
  /** Whether content and name must outlast a power cut (fsync of file and folder); true when absent. */
  readonly durable?: boolean;
  /** Makes its folder, and those above, with this mode; when absent the folder must be there. */
  readonly folderMode?: number;
}

function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

function writeNew(path: string, content: string | Uint8Array, options: WriteOptions): void {
  // `wx` neither follows a link that somebody laid there nor keeps another file's mode.
  const file = openSync(path, 'wx', options.mode ?? 0o600);
  try {
    // Not writeSync, which is content to have written a part: what little a full disk still takes.
    writeFileSync(file, content);
    if (options.durable !== false) fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

interface WholeFile {
  readonly path: string;
  readonly content: string | Uint8Array;
  readonly options: WriteOptions;
}

/** Writes beside `path` and has `publish` give the file its name, in one step; on failure the folder is as it was. */
function writeWhole(
  { path, content, options }: WholeFile,
  publish: (temporary: string, path: string) => void,
): void {
  const folder = dirname(path);
  // Nothing of the file's own name, which may be as long as names can be.
  const temporary = join(folder, `.${randomBytes(8).toString('hex')}.tmp`);
  if (options.folderMode !== undefined) {
    mkdirSync(folder, { recursive: true, mode: options.folderMode });
  }
  try {
    writeNew(temporary, content, options);
    publish(temporary, path);
  } finally {
    rmSync(temporary, { force: true });
  }
  if (options.durable !== false) syncFolder(folder);
}

/**
 * Writes a file, over another of the name, so that a reader finds the old content or the new one, whatever is killed
 * when. A failure (a full disk, say) leaves the old content and nothing beside it.
 * @throws the error of the system call that failed, see `errnoOf`
 */
export function replaceFile(
  path: string,
  content: string | Uint8Array,
  options: WriteOptions = {},
): void {
  writeWhole({ path, content, options }, renameSync);
}

/**
 * Writes a file that is not there yet, as {@link replaceFile} does: of several that try at the same time one alone
 * succeeds.
 * @throws the error of the system call that failed; `EEXIST` when the name is taken, whoever's it is
 */
export function createFile(
  path: string,
  content: string | Uint8Array,
  options: WriteOptions = {},
): void {
  writeWhole({ path, content, options }, linkSync);
}
