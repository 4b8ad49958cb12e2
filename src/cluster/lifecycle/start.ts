import { setTimeout as delay } from 'node:timers/promises';
import { Fault } from '../../fault/index.ts';
import { commandLine } from '../command-line.ts';
import type { Balancing } from '../../plan/index.ts';
import type { ImagePolicy } from '../../runtime/index.ts';
import { daemonStatus } from '../daemon/control.ts';
import { findDaemon, killDaemon } from '../daemon/identity.ts';
import { spawnDaemon } from '../daemon/spawn.ts';
import type { ClusterDirectories } from '../directories.ts';
import { withLock } from '../lock.ts';
import { freeIndex, preferredApiPort } from '../loopback.ts';
import type { OnStep } from '../progress.ts';
import {
  readRecord,
  RECORD_FORMAT,
  siblingRecords,
  writeRecord,
  type ClusterRecord,
} from '../record.ts';
import { kubernetesVersion } from '../versions.ts';

const DEFAULT_NODES = 3;
/** A daemon that has not answered a question for so long never will. */
const ANSWER_LIMIT_MS = 5000;
const PAUSE_MS = 20;

export interface StartOptions {
  /** For a new cluster; an existing one keeps its number. */
  readonly nodes?: number;
  /** A running cluster keeps its own. */
  readonly images?: ImagePolicy;
  /** A running cluster keeps its own. */
  readonly balancing?: Balancing;
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

function newRecord(directories: ClusterDirectories, options: StartOptions): ClusterRecord {
  const index = freeIndex(siblingRecords(directories).map((record) => record.index));
  const count = options.nodes ?? DEFAULT_NODES;
  return {
    format: RECORD_FORMAT,
    name: directories.name,
    index,
    nodes: Array.from({ length: count }, (_, position) => `node${position + 1}`),
    images: options.images ?? 'auto',
    apiPort: preferredApiPort(index),
    created: new Date().toISOString(),
  };
}

function checkNodes({ name, nodes }: ClusterRecord, wanted: number | undefined): void {
  if (wanted === undefined || wanted === nodes.length) return;
  throw new Fault({
    code: 'NODES_FIXED',
    message: `cluster "${name}" has ${nodes.length} nodes and keeps them`,
    advice: `Leave --nodes off, or make it anew: ${commandLine('delete', name)}`,
  });
}

function checkImages({ name, images }: ClusterRecord, wanted: ImagePolicy | undefined): void {
  if (wanted === undefined || wanted === images) return;
  throw new Fault({
    code: 'IMAGES_FIXED',
    message: `cluster "${name}" runs with --images ${images}`,
    advice: `Stop it first, then start it with --images ${wanted}: ${commandLine('stop', name)}`,
  });
}

function checkBalancing({ name, balancing }: ClusterRecord, wanted: Balancing | undefined): void {
  const present = balancing ?? 'random';
  if (wanted === undefined || wanted === present) return;
  throw new Fault({
    code: 'BALANCING_FIXED',
    message: `cluster "${name}" runs with --service-balancing ${present}`,
    advice: `Stop it first, then start it with --service-balancing ${wanted}: ${commandLine('stop', name)}`,
  });
}

/** Writes the record under which the daemon will run. */
function prepareRecord(directories: ClusterDirectories, options: StartOptions): void {
  const existing = readRecord(directories);
  if (existing !== undefined) checkNodes(existing, options.nodes);
  const record = existing ?? newRecord(directories, options);
  const { images = record.images, balancing = record.balancing } = options;
  writeRecord(directories, {
    ...record,
    images,
    ...(balancing === undefined ? {} : { balancing }),
  });
}

async function answers(directories: ClusterDirectories, limitMs: number): Promise<boolean> {
  try {
    await daemonStatus(directories, limitMs);
    return true;
  } catch (error) {
    if (error instanceof Fault) return false;
    throw error;
  }
}

/**
 * Whether the cluster's daemon lives and answers. One that does not is killed, which costs nothing but itself: pods do not
 * need it, and the store has every write that it acknowledged.
 */
async function isRunning(
  directories: ClusterDirectories,
  onStep: OnStep,
  limitMs = ANSWER_LIMIT_MS,
): Promise<boolean> {
  const since = performance.now();
  while (findDaemon(directories) !== undefined) {
    const left = since + limitMs - performance.now();
    if (left <= 0) {
      await killDaemon(directories);
      const milliseconds = Math.round(performance.now() - since);
      onStep({ step: 'daemon', state: 'done', text: 'a daemon that hung is ended', milliseconds });
      return false;
    }
    if (await answers(directories, left)) return true;
    await delay(PAUSE_MS);
  }
  return false;
}

/** Ends with a cluster that runs. @returns false when it ran already */
async function ensureRunning(
  directories: ClusterDirectories,
  options: StartOptions,
): Promise<boolean> {
  const before = readRecord(directories);
  if (await isRunning(directories, options.onStep)) {
    if (before === undefined) return false;
    checkNodes(before, options.nodes);
    checkImages(before, options.images);
    checkBalancing(before, options.balancing);
    return false;
  }
  prepareRecord(directories, options);
  await spawnDaemon(directories, options.onStep);
  return true;
}

/**
 * Makes a cluster, resumes a stopped one, or finds that it runs already.
 * @throws Fault `NODES_FIXED`, `IMAGES_FIXED`, `CLUSTER_BUSY`, `DAEMON_DIED`, `START_TIMEOUT`, or the daemon's own.
 */
export async function startCluster(
  directories: ClusterDirectories,
  options: StartOptions,
): Promise<StartResult> {
  const since = performance.now();
  return withLock(directories, async () => {
    // Loaded while the daemon starts: the command line has nothing else to do then.
    const [hasStarted, { enterContext }] = await Promise.all([
      ensureRunning(directories, options),
      import('../contexts.ts'),
    ]);
    const kubeconfig = await enterContext(directories, options.kubeconfig);
    const record = readRecord(directories);
    if (record === undefined) throw new TypeError('a cluster that runs has a record');
    return {
      name: record.name,
      hasStarted,
      nodes: record.nodes,
      version: kubernetesVersion,
      server: `https://127.0.0.1:${record.apiPort}`,
      context: record.name,
      kubeconfig,
      milliseconds: Math.round(performance.now() - since),
    };
  });
}
