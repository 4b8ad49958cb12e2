import { setTimeout as delay } from 'node:timers/promises';
import { Fault } from '../../fault/index.ts';
import { addonsOf, withAddons, type AddonName } from '../addon-choice.ts';
import { chooseCni, clearCni, cniOf, describeCni, type CniChoice } from '../cni-choice.ts';
import { commandLine } from '../command-line.ts';
import type { Balancing } from '../../plan/index.ts';
import type { EngineChoice } from '../../ingress/index.ts';
import type { ImagePolicy } from '../../runtime/index.ts';
import { daemonStatus } from '../daemon/control.ts';
import { findDaemon, killDaemon } from '../daemon/identity.ts';
import { spawnDaemon } from '../daemon/spawn.ts';
import type { ClusterDirectories } from '../directories.ts';
import { withLock } from '../lock.ts';
import { freeIndex, preferredApiPort } from '../loopback.ts';
import { hasLiveNetwork } from '../pins.ts';
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
  /** A name or a file's path, for {@link chooseCni}; a cluster whose network lives keeps its own. */
  readonly cni?: string;
  /** What the cluster has beside the network; a running cluster keeps its own. */
  readonly addons?: readonly AddonName[];
  /** What answers for Ingresses; a running cluster keeps its own. */
  readonly ingressEngine?: EngineChoice;
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
  readonly cni: Pick<CniChoice, 'name' | 'policyEnforcement'>;
  /** What not everybody would expect of this network. */
  readonly cniNote?: string;
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

function checkEngine(record: ClusterRecord, wanted: EngineChoice | undefined): void {
  const present = record.ingressEngine ?? 'node';
  if (wanted === undefined || wanted === present) return;
  throw new Fault({
    code: 'INGRESS_ENGINE_FIXED',
    message: `cluster "${record.name}" runs with --ingress-engine ${present}`,
    advice: `Stop it first, then start it with --ingress-engine ${wanted}: ${commandLine('stop', record.name)}`,
  });
}

/** @throws Fault `HAPROXY_MISSING` before anything is made that would wait for it. */
async function requireEngine(wanted: EngineChoice | undefined): Promise<void> {
  if (wanted !== 'haproxy') return;
  const { findHaproxy } = await import('../../ingress/index.ts');
  if (findHaproxy() !== undefined) return;
  throw new Fault({
    code: 'HAPROXY_MISSING',
    message: '--ingress-engine haproxy: this machine has no haproxy',
    advice: 'Install it (apt-get install haproxy), or leave the option off.',
  });
}

function checkAddons(record: ClusterRecord, wanted: readonly string[] | undefined): void {
  const present = addonsOf(record);
  const isSame =
    wanted?.length === present.length && present.every((name) => wanted.includes(name));
  if (wanted === undefined || isSame) return;
  throw new Fault({
    code: 'ADDONS_FIXED',
    message: `cluster "${record.name}" runs with ${present.length === 0 ? 'no addons' : `the addons ${present.join(', ')}`}`,
    advice: 'Switch them while it runs: portolan addons enable NAME, portolan addons disable NAME',
  });
}

function checkCni(record: ClusterRecord, wanted: CniChoice | undefined): void {
  const { name } = cniOf(record);
  if (wanted === undefined || wanted.name === name) return;
  throw new Fault({
    code: 'CNI_FIXED',
    message: `cluster "${record.name}" runs with --cni ${name}`,
    advice: `Stop it first, then start it with --cni ${wanted.name}: ${commandLine('stop', record.name)}`,
  });
}

/** Puts the network's configuration in its place, and takes another network's away. */
async function prepareCni(
  directories: ClusterDirectories,
  existing: ClusterRecord | undefined,
  wanted: CniChoice | undefined,
): Promise<void> {
  if (wanted === undefined) return;
  if (existing !== undefined) {
    if (hasLiveNetwork(directories, existing)) checkCni(existing, wanted);
    else clearCni(directories, cniOf(existing));
  }
  if (wanted.file === undefined) return;
  const { placeCniFile } = await import('../cni-file.ts');
  placeCniFile(directories, wanted);
}

/** A new cluster has no objects of any addon yet. */
function chosenAddons(
  existing: ClusterRecord | undefined,
  record: ClusterRecord,
  wanted: readonly AddonName[],
): ClusterRecord {
  return existing === undefined ? { ...record, addons: wanted } : withAddons(existing, wanted);
}

/** Writes the record under which the daemon will run. */
async function prepareRecord(
  directories: ClusterDirectories,
  options: StartOptions,
  cni: CniChoice | undefined,
): Promise<void> {
  const existing = readRecord(directories);
  if (existing !== undefined) checkNodes(existing, options.nodes);
  await prepareCni(directories, existing, cni);
  const record = existing ?? newRecord(directories, options);
  const { images = record.images, balancing = record.balancing } = options;
  writeRecord(directories, {
    ...(options.addons === undefined ? record : chosenAddons(existing, record, options.addons)),
    images,
    ...(cni === undefined ? {} : { cni }),
    ...(balancing === undefined ? {} : { balancing }),
    ...(options.ingressEngine === undefined ? {} : { ingressEngine: options.ingressEngine }),
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
  const cni = options.cni === undefined ? undefined : chooseCni(options.cni, process.env);
  if (await isRunning(directories, options.onStep)) {
    if (before === undefined) return false;
    checkNodes(before, options.nodes);
    checkImages(before, options.images);
    checkBalancing(before, options.balancing);
    checkCni(before, cni);
    checkAddons(before, options.addons);
    checkEngine(before, options.ingressEngine);
    return false;
  }
  await requireEngine(options.ingressEngine);
  await prepareRecord(directories, options, cni);
  await spawnDaemon(directories, options.onStep);
  return true;
}

function networkOf(
  record: ClusterRecord,
  directories: ClusterDirectories,
): Pick<StartResult, 'cni' | 'cniNote'> {
  const choice = cniOf(record);
  const { name, policyEnforcement } = choice;
  const note = describeCni(choice, directories);
  return { cni: { name, policyEnforcement }, ...(note === undefined ? {} : { cniNote: note }) };
}

/**
 * Makes a cluster, resumes a stopped one, or finds that it runs already.
 * @throws Fault `NODES_FIXED`, `IMAGES_FIXED`, `CNI_FIXED`, `CLUSTER_BUSY`, `DAEMON_DIED`, `START_TIMEOUT`, or the daemon's own.
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
      ...networkOf(record, directories),
      kubeconfig,
      milliseconds: Math.round(performance.now() - since),
    };
  });
}
