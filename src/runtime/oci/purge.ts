import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Kernel } from '../../kernel/kernel.ts';
import { detectCgroups, removeCgroup, type Cgroups } from './cgroups.ts';
import { bundleOf, layoutOf, type Bundle, type Layout } from './layout.ts';
import { killAll, processesOfBundle, processesOfCluster } from './strays.ts';

export interface PurgeOptions {
  /** As given to `createContainerRuntime`. */
  readonly directory: string;
  readonly cgroupRoot: string;
  readonly kernel: Kernel;
}

/**
 * Ends every container of a cluster and removes all that is left of them - processes, supervisors, mounts, cgroups,
 * files - whatever was killed before. No runtime may be open on the directory.
 * @throws Fault `PROCESS_SURVIVED`
 */
export async function purgeContainers(options: PurgeOptions): Promise<void> {
  const layout = layoutOf(options.directory);
  const bundles = bundlesOf(layout);
  const isKnown = bundles.length > 0 || existsSync(layout.runcState);
  if (!isKnown) return;
  const cgroups = detectCgroups(options.cgroupRoot);
  // Killing the first process of a PID namespace kills all of it, what was exec'ed included (pid_namespaces(7)).
  await killAll(() => [
    ...bundles.flatMap((bundle) => processesOfBundle(bundle, cgroups)),
    ...processesOfCluster(layout, cgroups, `/${options.cgroupRoot}`),
  ]);
  for (const bundle of bundles) options.kernel.unmount(bundle.rootfs);
  await removeCgroups(cgroups, options.cgroupRoot);
  for (const path of Object.values(layout)) rmSync(path, { recursive: true, force: true });
}

function bundlesOf(layout: Layout): Bundle[] {
  if (!existsSync(layout.containers)) return [];
  return readdirSync(layout.containers).map((id) => bundleOf(layout, id));
}

const busyRetryMs = 5;
const busyRetries = 200;

/** The kernel frees a cgroup some milliseconds after its last process: try again for a second. */
async function removeCgroups(cgroups: Cgroups, cgroupRoot: string): Promise<void> {
  for (let attempt = 0; attempt < busyRetries; attempt += 1) {
    if (removeCgroup(cgroups, join('/', cgroupRoot)).length === 0) return;
    await delay(busyRetryMs);
  }
}
