import { accessSync, constants, existsSync, mkdirSync, readdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { errnoOf, isMissing, readTextFile } from '../../files/index.ts';

/** The control groups of this machine, as far as containers can be put into them. */
export interface Cgroups {
  /** `v1` includes the hybrid layout; `none` runs containers without limits. */
  readonly version: 'v1' | 'v2' | 'none';
  /** Mount points of the hierarchies, with the controllers that each has (v2: of the root). */
  readonly hierarchies: readonly Hierarchy[];
  readonly hasMemory: boolean;
  readonly hasCpu: boolean;
  /** Why limits are not (all) enforced, for people; undefined when they are. */
  readonly limitation?: string;
}

interface Hierarchy {
  readonly path: string;
  readonly isUnified: boolean;
  readonly controllers: readonly string[];
}

/** Finds out which cgroups of this machine can be used, by making the directory `root` in each hierarchy. */
export function detectCgroups(
  root: string,
  mountinfo: string = readTextFile('/proc/self/mountinfo') ?? '',
): Cgroups {
  const hierarchies = findHierarchies(mountinfo);
  const legacy = hierarchies.filter(({ isUnified }) => !isUnified);
  const version = legacy.length > 0 ? 'v1' : 'v2';
  const unusable = hierarchies.find((hierarchy) => !canMake(join(hierarchy.path, root)));
  // runc insists on the devices controller of v1, which v2 does without (eBPF).
  const isComplete = version === 'v2' || legacy.some((one) => one.controllers.includes('devices'));
  if (hierarchies.length === 0) {
    return none(
      'no cgroup file system is mounted, and runc needs one: `mount -t cgroup2 cgroup2 /sys/fs/cgroup`',
    );
  }
  if (unusable !== undefined || !isComplete) {
    const why =
      unusable === undefined ? 'there is no devices controller' : `${unusable.path} is read-only`;
    return none(`resource limits are ignored: ${why}`);
  }
  const has = (name: string): boolean =>
    hierarchies.some(({ controllers }) => controllers.includes(name));
  const missing = ['memory', 'cpu'].filter((name) => !has(name));
  return {
    version,
    hierarchies,
    hasMemory: has('memory'),
    hasCpu: has('cpu'),
    ...(missing.length === 0
      ? {}
      : { limitation: `${missing.join(' and ')} limits are ignored: no such cgroup controller` }),
  };
}

const none = (limitation: string): Cgroups => ({
  version: 'none',
  hierarchies: [],
  hasMemory: false,
  hasCpu: false,
  limitation,
});

/** Lines of proc_pid_mountinfo(5): `ID PARENT DEV ROOT TARGET OPTIONS ... - TYPE SOURCE SUPEROPTIONS`. */
function findHierarchies(mountinfo: string): Hierarchy[] {
  const found = new Map<string, Hierarchy>();
  for (const line of mountinfo.split('\n')) {
    const [mount = '', superblock = ''] = line.split(' - ');
    const [type, , options = ''] = superblock.split(' ');
    const path = mount.split(' ')[4];
    if (path === undefined || (type !== 'cgroup' && type !== 'cgroup2')) continue;
    const isUnified = type === 'cgroup2';
    const controllers = isUnified
      ? (readTextFile(join(path, 'cgroup.controllers')) ?? '').trim().split(' ')
      : options.split(',');
    found.set(path, { path, isUnified, controllers });
  }
  return [...found.values()];
}

function canMake(path: string): boolean {
  try {
    // Not `recursive`: Node repeats that for ever where the kernel answers ENOENT, as below /proc.
    if (!existsSync(path)) mkdirSync(path);
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    // Whatever the reason, the answer is no; detectCgroups says which path.
    return false;
  }
}

/** Whether the kernel killed a process of the cgroup for want of memory. */
export function wasOutOfMemory(cgroups: Cgroups, cgroup: string): boolean {
  return cgroups.hierarchies.some(({ path, controllers, isUnified }) => {
    if (!controllers.includes('memory')) return false;
    const file = isUnified ? 'memory.events' : 'memory.oom_control';
    const kills = /^oom_kill (\d+)$/m.exec(readTextFile(join(path, cgroup, file)) ?? '')?.[1];
    return kills !== undefined && kills !== '0';
  });
}

/** The numbers of all processes in the cgroup and below it. */
export function processesIn(cgroups: Cgroups, cgroup: string): number[] {
  const pids = new Set<number>();
  const visit = (directory: string): void => {
    const listed = readTextFile(join(directory, 'cgroup.procs')) ?? '';
    for (const line of listed.split('\n')) if (line !== '') pids.add(Number(line));
    for (const child of subdirectories(directory)) visit(child);
  };
  for (const { path } of cgroups.hierarchies) visit(join(path, cgroup));
  return [...pids];
}

/** Removes the cgroup and all below it from every hierarchy; what still has processes stays, and is returned. */
export function removeCgroup(cgroups: Cgroups, cgroup: string): string[] {
  const busy: string[] = [];
  const remove = (directory: string): void => {
    for (const child of subdirectories(directory)) remove(child);
    try {
      rmdirSync(directory);
    } catch (error) {
      if (errnoOf(error) === 'EBUSY') busy.push(directory);
      else if (!isMissing(error)) throw error;
    }
  };
  for (const { path } of cgroups.hierarchies) remove(join(path, cgroup));
  return busy;
}

function subdirectories(directory: string): string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(directory, entry.name));
}
