import {
  checkClusterName,
  clusterDirectories,
  commandLine,
  findDirectories,
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

/** The record of a cluster that must be there. @throws Fault `NO_SUCH_CLUSTER` */
export function requireRecord(directories: ClusterDirectories): ClusterRecord {
  const record = readRecord(directories);
  if (record !== undefined) return record;
  throw new Fault({
    code: 'NO_SUCH_CLUSTER',
    message: `there is no cluster "${directories.name}"`,
    advice: `Make it: ${commandLine('start', directories.name)}`,
  });
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
    advice: `Run it as root: sudo ${programName()} ${verb}`,
  });
}
