import { readFileSync } from 'node:fs';
import type { ImageService } from '../runtime/index.ts';
import { findDirectories } from './directories.ts';

/** Whether an overlay of proc_pid_mountinfo(5) stands on the image's root file system. */
export function isMounted(imageId: string, mountinfo: string): boolean {
  const layer = `/rootfs/${imageId.replace('sha256:', '')}`;
  return mountinfo
    .split('\n')
    .some((line) => /lowerdir=([^,]*)/.exec(line)?.[1]?.endsWith(layer) === true);
}

/** The images of this machine, for the command line. The containers of all clusters may use them. */
export async function openImages(env: NodeJS.ProcessEnv): Promise<ImageService> {
  const { createImageService } = await import('../runtime/index.ts');
  return createImageService({
    directory: findDirectories(env).images,
    policy: 'strict',
    isInUse: (id) => isMounted(id, readFileSync('/proc/self/mountinfo', 'utf8')),
  });
}
