import { KernelError } from './kernel-error.ts';
import { checked, lastErrno, libc } from './libc.ts';
import { errnoName } from '../netlink/index.ts';

/** Flags of mount(2) (include/uapi/linux/mount.h). */
export const MS_RDONLY = 1;
export const MS_NOSUID = 2;
export const MS_NODEV = 4;
export const MS_NOEXEC = 8;
export const MS_REMOUNT = 32;
export const MS_BIND = 4096;
export const MS_REC = 16_384;
export const MS_PRIVATE = 1 << 18;
export const MS_SLAVE = 1 << 19;
export const MS_SHARED = 1 << 20;

const MNT_DETACH = 2;
const UMOUNT_NOFOLLOW = 8;

/** What to mount where; `flags` are MS_ constants. */
export interface MountOptions {
  readonly source: string;
  readonly target: string;
  readonly type?: string;
  readonly flags?: number;
  readonly data?: string;
}

/** Mounts. @throws KernelError with source and target. */
export function mount({ source, target, type, flags = 0, data }: MountOptions): void {
  checked(
    libc.mount(source, target, type ?? null, flags, data ?? null),
    `mount ${source} on ${target}`,
  );
}

/**
 * Detaches what is mounted at `target`, busy or not; false when nothing is mounted there (or nothing is there).
 * @throws KernelError
 */
export function unmount(target: string): boolean {
  if (libc.umount2(target, MNT_DETACH | UMOUNT_NOFOLLOW) === 0) return true;
  const errno = lastErrno();
  // EINVAL: not a mount point (umount(2)).
  if (['EINVAL', 'ENOENT'].includes(errnoName(errno))) return false;
  throw new KernelError(`unmount ${target}`, errno);
}
