import { mkdirSync } from 'node:fs';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Bundle } from './layout.ts';

/** Mounts the container's root file system: the image below, a writable layer of the container's own above. */
export function mountRootfs(kernel: Kernel, bundle: Bundle, imageRootfs: string): void {
  for (const path of [bundle.rootfs, bundle.upper, bundle.work])
    mkdirSync(path, { recursive: true });
  kernel.mount({
    source: 'overlay',
    target: bundle.rootfs,
    type: 'overlay',
    // volatile: the upper layer dies with the container, so unmounting need not wait for the disk (overlayfs.rst).
    data: `lowerdir=${escape(imageRootfs)},upperdir=${escape(bundle.upper)},workdir=${escape(bundle.work)},volatile`,
  });
}

/** Colons separate lower directories, commas separate options; both are escaped by a backslash. */
function escape(path: string): string {
  return path.replaceAll(/[\\:,]/g, (character) => `\\${character}`);
}
