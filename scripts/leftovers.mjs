// What tests left on the machine: all that they make lies under one temporary folder, by which it is known.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

const CGROUPS = '/sys/fs/cgroup';

function list(folder) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // Of a process or cgroup that has just gone.
    return '';
  }
}

/** Mounts, pinned network namespaces among them. */
function mountsUnder(folder) {
  return read('/proc/self/mountinfo')
    .split('\n')
    .filter((line) => line.includes(`${folder}/`))
    .map((line) => `mount ${line.split(' ')[4]}`);
}

function isAbout(pid, folder) {
  if (read(`/proc/${pid}/cmdline`).includes(folder)) return true;
  try {
    return readlinkSync(`/proc/${pid}/cwd`).startsWith(folder);
  } catch {
    return false;
  }
}

function processesAbout(folder) {
  return list('/proc')
    .map(({ name }) => name)
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => isAbout(pid, folder))
    .map((pid) => `process ${pid}: ${read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim()}`);
}

/** Whether no process is in the cgroup or below it. */
function isEmpty(cgroup) {
  if (read(join(cgroup, 'cgroup.procs')).trim() !== '') return false;
  return list(cgroup)
    .filter((entry) => entry.isDirectory())
    .every(({ name }) => isEmpty(join(cgroup, name)));
}

/** Portolan's own cgroups, of version 2 and of each controller of version 1. */
export function cgroups() {
  const hierarchies = [
    CGROUPS,
    ...list(CGROUPS)
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => join(CGROUPS, name)),
  ];
  return hierarchies.flatMap((hierarchy) =>
    list(hierarchy)
      .filter(({ name }) => name.startsWith('portolan-'))
      .map(({ name }) => join(hierarchy, name)),
  );
}

/**
 * @param folder the temporary folder of the tests
 * @param before cgroups that were there before; a new one with processes in it may be another cluster's of this machine
 */
export function leftovers(folder, before) {
  return [
    ...mountsUnder(folder),
    ...processesAbout(folder),
    ...cgroups()
      .filter((cgroup) => !before.includes(cgroup) && isEmpty(cgroup))
      .map((cgroup) => `cgroup ${cgroup}`),
  ];
}
