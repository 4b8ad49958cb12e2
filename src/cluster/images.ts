import { createImageService, type ImageService } from '../runtime/index.ts';
import { findDirectories } from './directories.ts';

/** The images of this machine, for the command line. */
export function openImages(env: NodeJS.ProcessEnv): ImageService {
  return createImageService({ directory: findDirectories(env).images, policy: 'strict' });
}
