// What a deleted cluster must not leave on the machine.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const CGROUPS = '/sys/fs/cgroup';

function readProcess(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}

function mounts(folders: readonly string[]): string[] {
  return readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((line) => folders.some((folder) => line.includes(folder)))
    .map((line) => `mount ${line}`);
}

/** Processes that name a folder in their command line or sit in one of the control groups. */
function processes(folders: readonly string[], owners: readonly string[]): string[] {
  return (
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name) && name !== String(process.pid))
      // Init will have reaped the dead ones in a moment.
      .filter((pid) => !/^State:\s+[ZX]/m.test(readProcess(pid, 'status')))
      .filter((pid) => {
        const cgroup = readProcess(pid, 'cgroup');
        return (
          folders.some((folder) => readProcess(pid, 'cmdline').includes(folder)) ||
          owners.some((one) => cgroup.includes(one))
        );
      })
      .map((pid) => `process ${pid} ${readProcess(pid, 'cmdline')}`)
  );
}

function cgroups(owners: readonly string[]): string[] {
  if (!existsSync(CGROUPS)) return [];
  const hierarchies = [CGROUPS, ...readdirSync(CGROUPS).map((name) => join(CGROUPS, name))];
  return hierarchies.flatMap((hierarchy) =>
    owners.map((one) => join(hierarchy, one)).filter((path) => existsSync(path)),
  );
}

/** The name of a cluster's own cgroup ends in the first letters of a digest of its state folder. */
export function cgroupName(home: string, cluster: string): string {
  const digest = createHash('sha256')
    .update(join(home, 'clusters', cluster))
    .digest('hex');
  return `portolan-${cluster}-${digest.slice(0, 8)}`;
}

/** Names of the network interfaces of the host's own namespace. */
export function hostInterfaces(): string[] {
  return readdirSync('/sys/class/net').sort();
}

/** Mounts, processes and control groups of clusters, by all of the home or by the folders that only they have. */
export function tracesOf(
  home: string,
  clusters: readonly string[],
  folders: readonly string[] = [home],
): string[] {
  const owners = clusters.map((name) => cgroupName(home, name));
  return [...mounts(folders), ...processes(folders, owners), ...cgroups(owners)];
}
