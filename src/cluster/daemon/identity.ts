import { readJsonFile, replaceFile } from '../../files/index.ts';
// Not by way of the room's index, which would load the whole container runtime into every command.
import {
  identify,
  isAlive,
  signalProcess,
  waitUntilGone,
  type ProcessIdentity,
} from '../../runtime/process-identity.ts';
import { places, type ClusterDirectories } from '../directories.ts';

/** Says which process is the cluster's daemon. */
export function writeDaemonIdentity(directories: ClusterDirectories, pid: number): void {
  const identity = identify(pid);
  // A process that is gone already has nothing to be found by.
  if (identity !== undefined) {
    replaceFile(places.daemonRecord(directories), JSON.stringify(identity), {
      folderMode: 0o700,
      // A process does not outlive the machine's power.
      durable: false,
    });
  }
}

/** The cluster's living daemon; undefined when none runs. */
export function findDaemon(directories: ClusterDirectories): ProcessIdentity | undefined {
  const path = places.daemonRecord(directories);
  const identity = readJsonFile(path) as ProcessIdentity | undefined;
  return identity !== undefined && isAlive(identity) ? identity : undefined;
}

/** Kills the cluster's daemon, if it lives. @throws Fault `PROCESS_SURVIVED` */
export async function killDaemon(directories: ClusterDirectories): Promise<void> {
  const daemon = findDaemon(directories);
  if (daemon === undefined) return;
  signalProcess(daemon, 'SIGKILL');
  await waitUntilGone([daemon]);
}
