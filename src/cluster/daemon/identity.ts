import { readFileSync } from 'node:fs';
import { identify, isAlive, type ProcessIdentity } from '../../runtime/index.ts';
import { places, type ClusterDirectories } from '../directories.ts';
import { replaceFile } from '../record.ts';

/** Says which process is the cluster's daemon. */
export function writeDaemonIdentity(directories: ClusterDirectories): void {
  replaceFile(places.daemonRecord(directories), JSON.stringify(identify(process.pid)));
}

/** The cluster's living daemon; undefined when none runs. */
export function findDaemon(directories: ClusterDirectories): ProcessIdentity | undefined {
  let text: string;
  try {
    text = readFileSync(places.daemonRecord(directories), 'utf8');
  } catch {
    return undefined;
  }
  const identity = JSON.parse(text) as ProcessIdentity;
  return isAlive(identity) ? identity : undefined;
}
