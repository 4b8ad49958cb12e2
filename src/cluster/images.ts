import type { ImageService } from '../runtime/index.ts';
import { findDirectories } from './directories.ts';

/** The images of this machine, for the command line. */
export async function openImages(env: NodeJS.ProcessEnv): Promise<ImageService> {
  const { createImageService } = await import('../runtime/index.ts');
  return createImageService({ directory: findDirectories(env).images, policy: 'strict' });
}
