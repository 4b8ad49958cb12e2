import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { Fault } from '../fault/index.ts';
import type { ImagePolicy } from '../runtime/index.ts';
import {
  clusterDirectories,
  places,
  type ClusterDirectories,
  type Directories,
} from './directories.ts';

/** What a cluster is, in `cluster.json`: written when it is made, read whenever it is started again. */
export interface ClusterRecord {
  readonly name: string;
  /** 0 for the first cluster of this user: sets its loopback addresses and its preferred API port. */
  readonly index: number;
  readonly nodes: readonly string[];
  readonly images: ImagePolicy;
  /** Of the API server on 127.0.0.1. */
  readonly apiPort: number;
  /** RFC 3339. */
  readonly created: string;
  /** The kubeconfig that holds the cluster's context, so that delete can take it out again. */
  readonly kubeconfig?: string;
  /** The boot in which the network was completed: its namespaces are there as long as this boot lasts. */
  readonly networkBoot?: string;
}

/** Loopback addresses have one byte for the cluster. */
const MAX_CLUSTERS = 256;

const NAME = /^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?$/;

/** @throws Fault `INVALID_CLUSTER_NAME` */
export function checkClusterName(name: string): void {
  if (NAME.test(name)) return;
  throw new Fault({
    code: 'INVALID_CLUSTER_NAME',
    message: `"${name}" cannot name a cluster`,
    advice: 'Use at most 40 lower case letters, digits and inner hyphens.',
  });
}

/** Reads a cluster's record; undefined when there is no such cluster. @throws Fault `CLUSTER_RECORD_BROKEN` */
export function readRecord(directories: ClusterDirectories): ClusterRecord | undefined {
  const path = places.record(directories);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return JSON.parse(text) as ClusterRecord;
  } catch (cause) {
    throw new Fault({
      code: 'CLUSTER_RECORD_BROKEN',
      message: `${path} is not JSON`,
      advice: `Remove the cluster with: portolan delete --name ${directories.name}`,
      cause,
    });
  }
}

/** Writes a file so that a reader finds the old text or the new one, whatever is killed when. */
export function replaceFile(path: string, text: string, mode = 0o600): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const temporary = `${path}.${process.pid}.tmp`;
  const file = openSync(temporary, 'w', mode);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(temporary, path);
}

export function writeRecord(directories: ClusterDirectories, record: ClusterRecord): void {
  replaceFile(places.record(directories), `${JSON.stringify(record, null, 2)}\n`);
}

/** The records of all clusters of this user, by name. */
export function listRecords(all: Directories): ClusterRecord[] {
  let names: string[];
  try {
    names = readdirSync(all.clusters, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name)
      .sort();
  } catch {
    return [];
  }
  return names
    .map((name) => readRecord(clusterDirectories(all, name)))
    .filter((record) => record !== undefined);
}

/** The lowest index that no cluster has. @throws Fault `TOO_MANY_CLUSTERS` */
export function freeIndex(records: readonly ClusterRecord[]): number {
  const taken = new Set(records.map(({ index }) => index));
  for (let index = 0; index < MAX_CLUSTERS; index += 1) if (!taken.has(index)) return index;
  throw new Fault({
    code: 'TOO_MANY_CLUSTERS',
    message: `there are ${MAX_CLUSTERS} clusters already`,
    advice: 'Delete one: portolan delete --name NAME',
  });
}

/** The host's own loopback address of a node: 127.18.CLUSTER.(ORDINAL+1). */
export function nodeLoopback(index: number, ordinal: number): string {
  return `127.18.${index}.${ordinal + 1}`;
}
