import { readFileSync, rmSync } from 'node:fs';
import { sep } from 'node:path';
import type { Kernel } from '../kernel/index.ts';
import { purgeContainers } from '../runtime/index.ts';
import { cgroupRoot } from './cgroup-root.ts';
import { killDaemon } from './daemon/identity.ts';
import { places, type ClusterDirectories } from './directories.ts';

/** Mount points at or below a folder, deepest first (proc_pid_mountinfo(5), field 5 with octal escapes). */
export function mountsBelow(folder: string, mountinfo: string): string[] {
  return mountinfo
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
    .map((path) =>
      path.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8))),
    )
    .filter((path) => path === folder || path.startsWith(folder + sep))
    .sort((a, b) => b.length - a.length);
}

function unmountBelow(kernel: Kernel, folder: string): void {
  // As Latin-1, like the escapes: each byte of a path is one character, whatever it means.
  const mountinfo = readFileSync('/proc/self/mountinfo', 'latin1');
  const bytes = Buffer.from(folder).toString('latin1');
  for (const path of mountsBelow(bytes, mountinfo)) {
    kernel.unmount(Buffer.from(path, 'latin1').toString());
  }
}

/**
 * Removes what is left of a cluster whose daemon is dead: containers, mounts, namespaces (and with them interfaces and
 * rules). The state stays. Harmless when there is nothing.
 */
export async function purgeRemains(kernel: Kernel, directories: ClusterDirectories): Promise<void> {
  await purgeContainers({
    directory: places.containers(directories),
    cgroupRoot: cgroupRoot(directories),
    kernel,
  });
  unmountBelow(kernel, directories.state);
  unmountBelow(kernel, directories.run);
  rmSync(directories.run, { recursive: true, force: true });
}

/** Removes what runs, the daemon first and without giving it time for anything. */
export async function purgeRunning(kernel: Kernel, directories: ClusterDirectories): Promise<void> {
  await killDaemon(directories);
  await purgeRemains(kernel, directories);
}
