import {
  checkClusterName,
  clusterDirectories,
  commandLine,
  DEFAULT_NAME,
  findDaemon,
  findDirectories,
  hasLiveNetwork,
  listNames,
  programName,
  readRecord,
  type ClusterDirectories,
  type ClusterRecord,
} from '../cluster/index.ts';
import { Fault } from '../fault/index.ts';

/** The folders of the cluster that `--name` means. @throws Fault `INVALID_CLUSTER_NAME` */
export function directoriesOf(name: string): ClusterDirectories {
  checkClusterName(name);
  return clusterDirectories(findDirectories(process.env), name);
}

/** Names of the clusters of this user, also of those of which only a part is left. */
export function clusterNames(): string[] {
  return listNames(findDirectories(process.env));
}

/** `; or choose one that is there: --name shop`, or nothing when there is none. */
function othersText(): string {
  const flags = clusterNames().map((name) =>
    name === DEFAULT_NAME ? 'no --name' : `--name ${name}`,
  );
  return flags.length === 0 ? '' : `; or choose one that is there: ${flags.join(', ')}`;
}

/** The record of a cluster that must be there. @throws Fault `NO_SUCH_CLUSTER` with those there are */
export function requireRecord(directories: ClusterDirectories): ClusterRecord {
  const record = readRecord(directories);
  if (record !== undefined) return record;
  throw new Fault({
    code: 'NO_SUCH_CLUSTER',
    message: `there is no cluster "${directories.name}"`,
    advice: `Make it: ${commandLine('start', directories.name)}${othersText()}`,
  });
}

/** A cluster runs, was stopped, or is `dead`: its daemon ended on its own while pods and network went on. */
export type ClusterState = 'running' | 'stopped' | 'dead';

export function stateOf(directories: ClusterDirectories, record: ClusterRecord): ClusterState {
  if (findDaemon(directories) !== undefined) return 'running';
  return hasLiveNetwork(directories, record) ? 'dead' : 'stopped';
}

/** What is to be said beside an answer that holds for a cluster that does not run. */
export function notRunningNotes(directories: ClusterDirectories, record: ClusterRecord): string[] {
  const { name } = record;
  return stateOf(directories, record) === 'running'
    ? []
    : [`cluster "${name}" does not run; to resume it: ${commandLine('start', name)}`];
}

/** The position from 1 on of a node in its cluster; the first without a name. @throws Fault `NO_SUCH_NODE` */
export function nodeOrdinal(record: ClusterRecord, node: string | undefined): number {
  if (node === undefined) return 1;
  const position = record.nodes.indexOf(node);
  if (position !== -1) return position + 1;
  throw new Fault({
    code: 'NO_SUCH_NODE',
    message: `cluster "${record.name}" has no node "${node}"`,
    advice: `Its nodes are: ${record.nodes.join(', ')}`,
  });
}

/** @throws Fault `ROOT_NEEDED` for verbs that make or enter namespaces. */
export function requireRoot(verb: string): void {
  if (process.getuid?.() === 0) return;
  throw new Fault({
    code: 'ROOT_NEEDED',
    message: `portolan ${verb} makes, removes or enters network namespaces, which only root may`,
    advice: `Run it as root: ${['sudo', programName(), ...process.argv.slice(2).map(quoted)].join(' ')}`,
  });
}

/** A word as a shell reads it back. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
