import { mkdir, realpath } from 'node:fs/promises';
import { dirname, resolve, sep } from 'node:path';
import { Fault } from '../../fault/index.ts';

function isWithin(root: string, path: string): boolean {
  return path === root || path.startsWith(root + sep);
}

/** The real path of the deepest part of `path` that exists. */
async function existingPart(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return existingPart(dirname(path));
  }
}

/**
 * Follows `subPath` inside a volume without leaving it, even over links that a container made; makes the directory
 * when it is missing. @throws Fault `FAILED_MOUNT`
 */
export async function subPathOf(volume: string, subPath: string): Promise<string> {
  const root = await realpath(volume);
  const wanted = resolve(root, subPath);
  // Before anything is made: a link may lead outside, and there nothing may be made at all.
  if (!isWithin(root, wanted) || !isWithin(root, await existingPart(wanted))) {
    throw new Fault({
      code: 'FAILED_MOUNT',
      message: `subPath "${subPath}" leaves its volume`,
      advice: 'Use a path inside the volume.',
    });
  }
  await mkdir(wanted, { recursive: true }).catch((error: unknown) => {
    // A file is a subPath too.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  });
  return realpath(wanted);
}
