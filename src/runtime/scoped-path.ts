import { lstatSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { Fault } from '../fault/index.ts';
import { isMissing } from '../files/index.ts';

/** As the kernel's own limit, path_resolution(7). */
const maximumLinks = 40;

/**
 * Resolves `path` as a process with its root at `root` would see it: symbolic links are followed, and neither an
 * absolute link nor `..` leads above the root. What does not exist is taken as it is written.
 * @throws Fault `IMAGE_LINK_LOOP`
 */
export function resolveInRoot(root: string, path: string): string {
  const pending = path.split('/').reverse();
  let resolved: string[] = [];
  let links = 0;
  while (pending.length > 0) {
    const part = pending.pop() ?? '';
    if (part === '' || part === '.') continue;
    if (part === '..') {
      resolved = resolved.slice(0, -1);
      continue;
    }
    const target = linkTarget(join(root, ...resolved, part));
    if (target === undefined) {
      resolved.push(part);
      continue;
    }
    links += 1;
    if (links > maximumLinks) throw linkLoop(root, path);
    if (target.startsWith('/')) resolved = [];
    pending.push(...target.split('/').reverse());
  }
  return join(root, ...resolved);
}

function linkTarget(path: string): string | undefined {
  try {
    return lstatSync(path).isSymbolicLink() ? readlinkSync(path) : undefined;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function linkLoop(root: string, path: string): Fault {
  return new Fault({
    code: 'IMAGE_LINK_LOOP',
    message: `${path}: too many levels of symbolic links in the image unpacked at ${root}`,
    advice: 'Build the image again without the loop.',
  });
}
