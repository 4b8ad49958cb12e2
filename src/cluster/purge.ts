import { readFileSync, rmSync } from 'node:fs';
import { sep } from 'node:path';
import type { Kernel } from '../kernel/index.ts';
import { purgeContainers, signalProcess, waitUntilGone } from '../runtime/index.ts';
import { cgroupRoot } from './cgroup-root.ts';
import { findDaemon } from './daemon/identity.ts';
import { places, type ClusterDirectories } from './directories.ts';

/** Mount points below a folder, deepest first (proc_pid_mountinfo(5), field 5 with octal escapes). */
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
  const mountinfo = readFileSync('/proc/self/mountinfo', 'utf8');
  for (const path of mountsBelow(folder, mountinfo)) kernel.unmount(path);
}

/** Kills the cluster's daemon, if it lives, without giving it time for anything. */
async function killDaemon(directories: ClusterDirectories): Promise<void> {
  const daemon = findDaemon(directories);
  if (daemon === undefined) return;
  signalProcess(daemon, 'SIGKILL');
  await waitUntilGone([daemon]);
}

/**
 * Removes what runs: daemon, containers, mounts, namespaces (and with them interfaces and rules). The state stays. Works on
 * whatever an earlier death left behind; harmless when there is nothing.
 */
export async function purgeRunning(kernel: Kernel, directories: ClusterDirectories): Promise<void> {
  await killDaemon(directories);
  await purgeContainers({
    directory: places.containers(directories),
    cgroupRoot: cgroupRoot(directories),
    kernel,
  });
  unmountBelow(kernel, directories.state);
  unmountBelow(kernel, directories.run);
  rmSync(directories.run, { recursive: true, force: true });
}

/** Removes the cluster: what runs, and all that it kept. */
export async function purgeCluster(kernel: Kernel, directories: ClusterDirectories): Promise<void> {
  await purgeRunning(kernel, directories);
  rmSync(directories.state, { recursive: true, force: true });
}
