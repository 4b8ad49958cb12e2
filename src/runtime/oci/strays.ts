import { readdirSync } from 'node:fs';
import { readTextFile } from '../../files/index.ts';
import {
  identify,
  isAlive,
  signalProcess,
  waitUntilGone,
  type ProcessIdentity,
} from '../process-identity.ts';
import { processesIn, type Cgroups } from './cgroups.ts';
import type { Bundle, Layout } from './layout.ts';
import { readPid, readRecord } from './record.ts';

/**
 * Kills every process that `find` names, until it names none: a supervisor may have been about to start a container
 * when its daemon was killed, so that one look is not enough.
 */
export async function killAll(find: () => readonly ProcessIdentity[]): Promise<void> {
  for (let found = find(); found.length > 0; found = find()) {
    for (const process of found) signalProcess(process, 'SIGKILL');
    await waitUntilGone(found);
  }
}

/** The living processes of one container: recorded, in its cgroup, or about to make it. */
export function processesOfBundle(bundle: Bundle, cgroups: Cgroups): ProcessIdentity[] {
  const record = readRecord(bundle);
  const supervisors = processesWith(
    (argument) => argument === bundle.directory || argument === `--bundle=${bundle.directory}`,
  );
  // Numbers in files may be somebody else's by now; while conmon lives, its container's is not.
  const unrecorded = supervisors.length > 0 ? readPid(bundle.containerPid) : undefined;
  const recorded = [record?.conmon, record?.init]
    .filter((process) => process !== undefined)
    .filter((process) => isAlive(process));
  return [
    ...supervisors,
    ...recorded,
    ...(unrecorded === undefined ? [] : [unrecorded]),
    ...(record === undefined ? [] : inCgroup(cgroups, record.cgroup)),
  ];
}

/** The living processes of a whole cluster that no bundle leads to: `runc exec`, and what is left in cgroups. */
export function processesOfCluster(
  layout: Layout,
  cgroups: Cgroups,
  cgroup: string,
): ProcessIdentity[] {
  const runcAndConmon = processesWith(
    (argument) =>
      argument === layout.runcState || argument.startsWith(`--bundle=${layout.containers}/`),
  );
  return [...runcAndConmon, ...inCgroup(cgroups, cgroup)];
}

function inCgroup(cgroups: Cgroups, cgroup: string): ProcessIdentity[] {
  return processesIn(cgroups, cgroup)
    .map((pid) => identify(pid))
    .filter((process) => process !== undefined);
}

/** Processes that were started with an argument which only this cluster's have: a path of its own directory. */
function processesWith(isOurs: (argument: string) => boolean): ProcessIdentity[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && name !== String(process.pid))
    .filter((pid) => (readTextFile(`/proc/${pid}/cmdline`) ?? '').split('\0').some(isOurs))
    .map((pid) => identify(Number(pid)))
    .filter((found) => found !== undefined);
}
