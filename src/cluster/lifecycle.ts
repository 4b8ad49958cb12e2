import { setTimeout as delay } from 'node:timers/promises';
import { removeContext, writeContext, type KubeconfigPlace } from '../client/index.ts';
import { Fault } from '../fault/index.ts';
import { createKernel } from '../kernel/index.ts';
import type { ImagePolicy } from '../runtime/index.ts';
import { askDaemon } from './daemon/control.ts';
import { findDaemon } from './daemon/identity.ts';
import { spawnDaemon } from './daemon/spawn.ts';
import { findDirectories, type ClusterDirectories } from './directories.ts';
import { readAccess, writeAccess } from './access.ts';
import { withLock } from './lock.ts';
import { hasLiveNetwork } from './network.ts';
import type { OnStep } from './progress.ts';
import { purgeCluster, purgeRunning } from './purge.ts';
import { freeIndex, listRecords, readRecord, writeRecord, type ClusterRecord } from './record.ts';
import { kubernetesVersion } from './versions.ts';

const DEFAULT_NODES = 3;
/** The usual port of an API server; each further cluster prefers the next. */
const FIRST_API_PORT = 6443;

export interface StartOptions {
  /** For a new cluster; an existing one keeps its number. */
  readonly nodes?: number;
  readonly images?: ImagePolicy;
  /** A kubeconfig file, instead of kubectl's own choice. */
  readonly kubeconfig?: string;
  readonly onStep: OnStep;
}

export interface StartResult {
  readonly name: string;
  /** False when it ran already. */
  readonly hasStarted: boolean;
  readonly nodes: readonly string[];
  readonly version: string;
  readonly server: string;
  readonly context: string;
  /** The file that holds the context. */
  readonly kubeconfig: string;
  readonly milliseconds: number;
}

function placeOf(kubeconfig: string | undefined): KubeconfigPlace {
  return kubeconfig === undefined ? {} : { explicit: kubeconfig };
}

function newRecord(directories: ClusterDirectories, options: StartOptions): ClusterRecord {
  const index = freeIndex(listRecords(findDirectories(process.env)));
  const count = options.nodes ?? DEFAULT_NODES;
  return {
    name: directories.name,
    index,
    nodes: Array.from({ length: count }, (_, position) => `node${position + 1}`),
    images: options.images ?? 'auto',
    apiPort: FIRST_API_PORT + index,
    created: new Date().toISOString(),
  };
}

function changedRecord(record: ClusterRecord, options: StartOptions): ClusterRecord {
  const { nodes } = options;
  if (nodes !== undefined && nodes !== record.nodes.length) {
    throw new Fault({
      code: 'NODES_FIXED',
      message: `cluster "${record.name}" has ${record.nodes.length} nodes and keeps them`,
      advice: `Leave --nodes off, or make it anew: portolan delete --name ${record.name}`,
    });
  }
  return { ...record, images: options.images ?? record.images };
}

/** Writes the record under which the daemon will run. */
function prepareRecord(directories: ClusterDirectories, options: StartOptions): ClusterRecord {
  const existing = readRecord(directories);
  const record =
    existing === undefined ? newRecord(directories, options) : changedRecord(existing, options);
  writeRecord(directories, record);
  return record;
}

async function resultOf(
  directories: ClusterDirectories,
  how: { readonly hasStarted: boolean; readonly kubeconfig: string; readonly since: number },
): Promise<StartResult> {
  const record = readRecord(directories);
  if (record === undefined) throw new TypeError('the record has just been written');
  return {
    name: record.name,
    hasStarted: how.hasStarted,
    nodes: record.nodes,
    version: kubernetesVersion,
    server: `https://127.0.0.1:${record.apiPort}`,
    context: record.name,
    kubeconfig: how.kubeconfig,
    milliseconds: Math.round(performance.now() - how.since),
  };
}

/** Makes the context current in the kubeconfig, and notes in the record where it is. */
async function enterContext(
  directories: ClusterDirectories,
  kubeconfig: string | undefined,
): Promise<string> {
  const { name } = directories;
  const access = readAccess(directories);
  const file = await writeContext({ name, access, place: placeOf(kubeconfig) });
  const record = readRecord(directories);
  if (record !== undefined) writeRecord(directories, { ...record, kubeconfig: file });
  return file;
}

/**
 * Makes a cluster, resumes a stopped one, or finds that it runs already.
 * @throws Fault `NODES_FIXED`, `CLUSTER_BUSY`, `DAEMON_DIED`, or the daemon's own.
 */
export async function startCluster(
  directories: ClusterDirectories,
  options: StartOptions,
): Promise<StartResult> {
  const since = performance.now();
  return withLock(directories, async () => {
    if (findDaemon(directories) !== undefined) {
      const record = readRecord(directories);
      if (record !== undefined) changedRecord(record, options);
      const kubeconfig = await enterContext(directories, options.kubeconfig);
      return resultOf(directories, { hasStarted: false, kubeconfig, since });
    }
    const record = prepareRecord(directories, options);
    if (!hasLiveNetwork(record)) await purgeRunning(createKernel(), directories);
    writeAccess(directories, await spawnDaemon(directories, options.onStep));
    const kubeconfig = await enterContext(directories, options.kubeconfig);
    return resultOf(directories, { hasStarted: true, kubeconfig, since });
  });
}

/** Ends the pods, the daemon and the network; the state stays. @returns false when nothing ran. */
export async function stopCluster(directories: ClusterDirectories): Promise<boolean> {
  return withLock(directories, async () => {
    const daemon = findDaemon(directories);
    if (daemon !== undefined) {
      await askDaemon(directories, 'POST', '/stop');
      while (findDaemon(directories) !== undefined) await delay(5);
    }
    await purgeRunning(createKernel(), directories);
    const record = readRecord(directories);
    if (record !== undefined) {
      const { networkBoot: _gone, ...rest } = record;
      writeRecord(directories, rest);
    }
    return daemon !== undefined;
  });
}

/** Removes a cluster and its context, whatever state it is in. @returns false when there was none. */
export async function deleteCluster(directories: ClusterDirectories): Promise<boolean> {
  return withLock(directories, async () => {
    const record = readRecord(directories);
    await purgeCluster(createKernel(), directories);
    if (record === undefined) return false;
    await removeContext({ name: record.name, place: placeOf(record.kubeconfig) });
    return true;
  });
}

/** Names of all clusters of this user. */
export function listNames(all: ReturnType<typeof findDirectories>): string[] {
  return listRecords(all).map(({ name }) => name);
}
