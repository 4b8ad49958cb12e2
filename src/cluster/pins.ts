import { readFileSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { places, type ClusterDirectories } from './directories.ts';
import type { ClusterRecord } from './record.ts';

const FABRIC_PIN = 'fabric';

/** Where a node's namespace is pinned; the outside world's without a node. */
export function namespacePin(directories: ClusterDirectories, node?: string): string {
  return join(places.namespaces(directories), node === undefined ? FABRIC_PIN : `node-${node}`);
}

/** The kernel's name for this boot: pins, namespaces and processes do not outlive it. */
export function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}

/** `NSFS_MAGIC` (include/uapi/linux/magic.h). */
const NSFS = 0x6e736673;

function isPinned(path: string): boolean {
  try {
    return statfsSync(path).type === NSFS;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

/** Whether the cluster's namespaces are there. A restarted container has lost them although the boot is the same. */
export function hasLiveNetwork(directories: ClusterDirectories, record: ClusterRecord): boolean {
  return record.networkBoot === bootId() && isPinned(namespacePin(directories));
}
