import { chmod, chown, mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Kernel } from '../../kernel/index.ts';
import { parseQuantity, quantityValue, type Volume } from '../../kube/index.ts';

type EmptyDirSource = NonNullable<Volume['emptyDir']>;

export interface EmptyDirOptions {
  readonly path: string;
  readonly source: EmptyDirSource;
  /** The pod's fsGroup. */
  readonly group: number | undefined;
}

const SETGID = 0o2000;

/** `nosuid nodev noexec` are left off: a memory-backed emptyDir behaves as one on disk. */
const NO_FLAGS = 0;

/** tmpfs(5) knows sizes in bytes, but not the suffixes of quantities. */
function mountData({ sizeLimit }: EmptyDirSource): string {
  return sizeLimit === undefined ? '' : `size=${quantityValue(parseQuantity(sizeLimit))}`;
}

async function deviceOf(path: string): Promise<number | undefined> {
  return stat(path).then(
    ({ dev }) => dev,
    () => undefined,
  );
}

/**
 * Makes a directory that is empty at first, in memory when the volume asks for that. One that is there stays as it is,
 * with its content; one whose memory is gone (the cluster was stopped) begins anew.
 */
export async function makeEmptyDir(
  kernel: Kernel,
  { path, source, group }: EmptyDirOptions,
): Promise<void> {
  const device = await deviceOf(path);
  const isInMemory = source.medium === 'Memory';
  const isMounted = device !== undefined && device !== (await deviceOf(dirname(path)));
  if (device !== undefined && isMounted === isInMemory) return;
  await mkdir(path, { recursive: true });
  if (isInMemory) {
    const data = mountData(source);
    kernel.mount({ source: 'tmpfs', target: path, type: 'tmpfs', flags: NO_FLAGS, data });
  }
  if (group !== undefined) await chown(path, 0, group);
  await chmod(path, group === undefined ? 0o777 : 0o777 | SETGID);
}
