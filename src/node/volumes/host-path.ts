import type { Stats } from 'node:fs';
import { mkdir, stat, writeFile } from 'node:fs/promises';
import { Fault } from '../../fault/index.ts';
import type { Volume } from '../../kube/index.ts';

/** What each `hostPath.type` asks of what is there (core/v1 HostPathType). */
const checks: Readonly<Record<string, (stats: Stats) => boolean>> = {
  Directory: (stats) => stats.isDirectory(),
  DirectoryOrCreate: (stats) => stats.isDirectory(),
  File: (stats) => stats.isFile(),
  FileOrCreate: (stats) => stats.isFile(),
  Socket: (stats) => stats.isSocket(),
  CharDevice: (stats) => stats.isCharacterDevice(),
  BlockDevice: (stats) => stats.isBlockDevice(),
};

async function statOf(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Makes what the type says should be made, and checks it. @returns the path. @throws Fault `FAILED_MOUNT` */
export async function checkHostPath(source: NonNullable<Volume['hostPath']>): Promise<string> {
  const { path, type = '' } = source;
  if (type === '') return path;
  if (type === 'DirectoryOrCreate') await mkdir(path, { recursive: true, mode: 0o755 });
  if (type === 'FileOrCreate') await writeFile(path, '', { flag: 'a', mode: 0o644 });
  const stats = await statOf(path);
  if (stats === undefined || checks[type]?.(stats) !== true) {
    throw new Fault({
      code: 'FAILED_MOUNT',
      message: `hostPath type check failed: ${path} is not a ${type}`,
      advice: `Create ${path} on this machine, or use type DirectoryOrCreate.`,
    });
  }
  return path;
}
