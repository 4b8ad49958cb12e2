import { randomBytes } from 'node:crypto';
import {
  chmod,
  chown,
  lstat,
  mkdir,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { dirname, join, normalize, relative, sep } from 'node:path';
import { Fault } from '../../fault/index.ts';

/** One file of a projected volume, by its path relative to the volume. */
export interface ProjectedFile {
  readonly content: Buffer;
  /** Permission bits. */
  readonly mode: number;
}

export type Payload = ReadonlyMap<string, ProjectedFile>;

const DATA_LINK = '..data';
const GROUP_READ = 0o440;

function checkPath(path: string): void {
  const clean = normalize(path);
  if (clean.startsWith('..') || clean.startsWith(sep)) {
    throw new Fault({
      code: 'INVALID_VOLUME_PATH',
      message: `volume path "${path}" leaves the volume`,
      advice: 'Use a relative path without "..".',
    });
  }
}

async function currentTarget(directory: string): Promise<string | undefined> {
  try {
    return await readlink(join(directory, DATA_LINK));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** All files below a directory, relative to it. */
async function filesIn(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map(({ parentPath, name }) => relative(directory, join(parentPath, name)));
}

/** True when a data directory holds just the payload: then nothing is written, and nobody who watches is woken. */
async function isCurrent(data: string, payload: Payload): Promise<boolean> {
  try {
    const files = await filesIn(data);
    if (files.length !== payload.size) return false;
    for (const [path, { content }] of payload) {
      if (!content.equals(await readFile(join(data, path)))) return false;
    }
    return true;
  } catch (error) {
    // Half of it is missing: it is written anew.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

/** The names at the top of the volume that the payload needs as links into the data directory. */
function topNames(payload: Payload): Set<string> {
  return new Set([...payload.keys()].map((path) => normalize(path).split(sep)[0] ?? path));
}

async function linkNames(directory: string, names: ReadonlySet<string>): Promise<void> {
  for (const name of names) {
    const link = join(directory, name);
    const exists = await lstat(link).then(
      () => true,
      () => false,
    );
    if (!exists) await symlink(join(DATA_LINK, name), link);
  }
  for (const entry of await readdir(directory)) {
    if (!entry.startsWith('..') && !names.has(entry)) await rm(join(directory, entry));
  }
}

/**
 * Replaces a volume's content at once: files go into a new hidden directory, then the link `..data` is renamed over.
 * A reader sees the old content or the new one, never a mixture; the layout is the kubelet's, which programs
 * that watch `..data` rely on.
 */
export async function writePayload(
  directory: string,
  payload: Payload,
  group?: number,
): Promise<void> {
  for (const path of payload.keys()) checkPath(path);
  await mkdir(directory, { recursive: true, mode: 0o755 });
  const previous = await currentTarget(directory);
  if (previous !== undefined && (await isCurrent(join(directory, previous), payload))) {
    // A daemon that was killed in between has not come to the names.
    await linkNames(directory, topNames(payload));
    return;
  }
  const stamp = new Date().toISOString().replace(/[-:]/g, '_').slice(0, 19);
  const fresh = `..${stamp}.${randomBytes(4).toString('hex')}`;
  const data = join(directory, fresh);
  await mkdir(data, { mode: 0o755 });
  for (const [path, { content, mode }] of payload) {
    const file = join(data, path);
    await mkdir(dirname(file), { recursive: true, mode: 0o755 });
    await writeFile(file, content, { mode: 0o600 });
    if (group !== undefined) await chown(file, 0, group);
    // Apart from writeFile, whose mode the umask cuts; a group that owns the volume reads it.
    await chmod(file, group === undefined ? mode : mode | GROUP_READ);
  }
  const link = join(directory, `${DATA_LINK}_tmp`);
  await rm(link, { force: true });
  await symlink(fresh, link);
  await rename(link, join(directory, DATA_LINK));
  await linkNames(directory, topNames(payload));
  if (previous !== undefined) await rm(join(directory, previous), { recursive: true, force: true });
}
