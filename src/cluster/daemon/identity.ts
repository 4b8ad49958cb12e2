import { readFileSync } from 'node:fs';
// Not by way of the room's index, which would load the whole container runtime into every command.
import {
  identify,
  isAlive,
  signalProcess,
  waitUntilGone,
  type ProcessIdentity,
} from '../../runtime/process-identity.ts';
import { places, type ClusterDirectories } from '../directories.ts';
import { replaceFile } from '../replace-file.ts';

/** Says which process is the cluster's daemon. */
export function writeDaemonIdentity(directories: ClusterDirectories, pid: number): void {
  const identity = identify(pid);
  // A process that is gone already has nothing to be found by.
  if (identity !== undefined) {
    replaceFile(places.daemonRecord(directories), JSON.stringify(identity));
  }
}

/** The cluster's living daemon; undefined when none runs. */
export function findDaemon(directories: ClusterDirectories): ProcessIdentity | undefined {
  let text: string;
  try {
    text = readFileSync(places.daemonRecord(directories), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const identity = JSON.parse(text) as ProcessIdentity;
  return isAlive(identity) ? identity : undefined;
}

/** Kills the cluster's daemon, if it lives. @throws Fault `PROCESS_SURVIVED` */
export async function killDaemon(directories: ClusterDirectories): Promise<void> {
  const daemon = findDaemon(directories);
  if (daemon === undefined) return;
  signalProcess(daemon, 'SIGKILL');
  await waitUntilGone([daemon]);
}
