import { readdirSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { Fault } from '../fault/index.ts';
import { isMissing, readTextFile, replaceFile } from '../files/index.ts';
import type { CniChoice } from './cni-choice.ts';
import { commandLine } from './command-line.ts';
import type { EngineChoice } from '../ingress/index.ts';
import type { Balancing } from '../plan/index.ts';
import type { ImagePolicy } from '../runtime/index.ts';
import {
  clusterDirectories,
  places,
  type ClusterDirectories,
  type Directories,
} from './directories.ts';

/** Of `cluster.json`; raised when an older Portolan could not make sense of what a newer one wrote. */
export const RECORD_FORMAT = 1;

/** What a cluster is, in `cluster.json`: written when it is made, read whenever it is started again. */
export interface ClusterRecord {
  readonly format: number;
  readonly name: string;
  /** Sets the cluster's loopback addresses and its preferred API port; see `loopback.ts`. */
  readonly index: number;
  readonly nodes: readonly string[];
  readonly images: ImagePolicy;
  /** How Services choose among endpoints; at random when absent, as Kubernetes does. */
  readonly balancing?: Balancing;
  /** How pods get their network; Portolan's own when absent ({@link cniOf}). */
  readonly cni?: CniChoice;
  /** What it has beside the network itself; the default set when absent. */
  readonly addons?: readonly string[];
  /** Addons that were switched off while it was stopped: the next start takes their objects out. */
  readonly leavingAddons?: readonly string[];
  /** What answers for Ingresses; the embedded engine when absent. */
  readonly ingressEngine?: EngineChoice;
  /** Of the API server on 127.0.0.1. */
  readonly apiPort: number;
  /** RFC 3339. */
  readonly created: string;
  /** The kubeconfig files among which the cluster's context is, so that delete can take it out again. */
  readonly kubeconfigs?: readonly string[];
  /** The boot in which the network was completed: its namespaces are there as long as this boot lasts. */
  readonly networkBoot?: string;
}

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

function parseRecord(path: string, text: string): Partial<ClusterRecord> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && 'nodes' in value && 'index' in value) {
      return value as Partial<ClusterRecord>;
    }
  } catch {
    // Whatever is wrong with the text, the advice is the same.
  }
  throw new Fault({
    code: 'CLUSTER_RECORD_BROKEN',
    message: `${path} does not hold the record of a cluster`,
    advice: `Put the file back, or remove the cluster: ${commandLine('delete', basename(dirname(path)))}`,
  });
}

/**
 * Reads a cluster's record; undefined when there is no such cluster.
 * @throws Fault `CLUSTER_RECORD_BROKEN`, `CLUSTER_RECORD_NEWER`
 */
export function readRecord(directories: ClusterDirectories): ClusterRecord | undefined {
  const path = places.record(directories);
  const text = readTextFile(path);
  if (text === undefined) return undefined;
  const record = parseRecord(path, text);
  if (record.format === RECORD_FORMAT) return record as ClusterRecord;
  throw new Fault({
    code: 'CLUSTER_RECORD_NEWER',
    message: `${path} has format ${record.format ?? 'unknown'}; this Portolan knows format ${RECORD_FORMAT}`,
    advice: `Use the Portolan that wrote it, or remove the cluster: ${commandLine('delete', directories.name)}`,
  });
}

/** As {@link readRecord}, for those who go on without one that cannot be read. */
export function readableRecord(directories: ClusterDirectories): ClusterRecord | undefined {
  try {
    return readRecord(directories);
  } catch (error) {
    if (error instanceof Fault) return undefined;
    throw error;
  }
}

export function writeRecord(directories: ClusterDirectories, record: ClusterRecord): void {
  const text = `${JSON.stringify(record, null, 2)}\n`;
  replaceFile(places.record(directories), text, { folderMode: 0o700 });
}

function foldersIn(path: string): string[] {
  try {
    return readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && NAME.test(entry.name))
      .map(({ name }) => name);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

/** Names of all clusters of this user, also of those of which only a part is left. */
export function listNames(all: Directories): string[] {
  return [...new Set([...foldersIn(all.clusters), ...foldersIn(all.run)])].sort();
}

/** The readable records of the same user's other clusters. */
export function siblingRecords({ name, images, state, run }: ClusterDirectories): ClusterRecord[] {
  const all = { images, clusters: dirname(state), run: dirname(run) };
  return listNames(all)
    .filter((other) => other !== name)
    .map((other) => readableRecord(clusterDirectories(all, other)))
    .filter((record) => record !== undefined);
}
