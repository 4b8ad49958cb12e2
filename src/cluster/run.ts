import { systemClock, type Clock } from '../clock/index.ts';
import { messageOf } from '../fault/index.ts';
import { addonsOf, leavingAddons } from './addon-choice.ts';
import { applyAddon } from './addons.ts';
import { ClusterIngress } from './ingress.ts';
import { startCloud, type Cloud } from '../cloud/index.ts';
import { createKernel, type Kernel } from '../kernel/index.ts';
import type { PolicyEnforcement } from './policy-enforcers.ts';
import { createPublisher, type Binding } from '../publish/index.ts';
import { cniOf } from './cni-choice.ts';
import { Closers } from './closers.ts';
import { startControlPlane, type ControlPlane } from './control-plane.ts';
import type { ClusterAccess, DaemonStatus } from './daemon/messages.ts';
import { startDataPlane, type DataPlane } from './data-plane.ts';
import { places, type ClusterDirectories } from './directories.ts';
import { claimIndex, nodeLoopback, withIndex } from './loopback.ts';
import { openNetwork, type ClusterNetwork } from './network.ts';
import { clusterAccess, openPki } from './pki.ts';
import { runStep, type OnStep } from './progress.ts';
import { Publishing } from './published.ts';
import { untilReady } from './ready.ts';
import { siblingRecords, writeRecord, type ClusterRecord } from './record.ts';
import { shutDownPods } from './shut-down.ts';
import { clusterStatus } from './status.ts';
import { kubernetesVersion, runtimeVersion } from './versions.ts';

export interface RunOptions {
  readonly directories: ClusterDirectories;
  readonly record: ClusterRecord;
  readonly onStep: OnStep;
  readonly log: (text: string) => void;
}

/** A cluster that runs in this process. */
export interface RunningCluster {
  readonly access: ClusterAccess;
  status(): DaemonStatus;
  /** Absent where the pods' network has no policies. */
  readonly policies?: PolicyEnforcement;
  /** Ends every container in its own time, at most a few seconds. */
  shutDown(): Promise<void>;
  /** Ends this process's part: sockets and caches. Containers, namespaces and rules stay. */
  close(): Promise<void>;
}

/** What the steps of a start hand to each other. */
interface Site extends RunOptions {
  readonly kernel: Kernel;
  readonly clock: Clock;
  readonly closers: Closers;
}

/** Runs a cluster in this process, step by step from the network up. */
export async function runCluster(options: RunOptions): Promise<RunningCluster> {
  const closers = new Closers();
  const site: Site = { ...options, kernel: createKernel(), clock: systemClock, closers };
  try {
    return await runSteps(site);
  } catch (error) {
    await closers.close();
    throw error;
  }
}

async function runSteps(site: Site): Promise<RunningCluster> {
  const { directories, clock, closers, onStep } = site;
  const step = <T>(name: string, text: string, work: () => T | Promise<T>): Promise<T> =>
    runStep(onStep, { name, text }, work);
  const count = site.record.nodes.length;
  const nodes = count === 1 ? '1 node' : `${count} nodes`;
  // Asked while the rest is made.
  const runc = runtimeVersion();
  // Whoever awaits it hears of a failure; nobody else needs to.
  runc.catch(() => undefined);
  const network = await step('network', `network of ${nodes}`, () => joinNetwork(site));
  const pki = openPki(directories, clock.now());
  let data: DataPlane | undefined;
  const control = await step('api', 'API server and controllers', () =>
    startControlPlane({
      ...site,
      pki,
      fabric: network.fabric.netns,
      apiPort: network.record.apiPort,
      policyEnforcement: cniOf(network.record).policyEnforcement,
      nodeApi: (name) => data?.agents.find((agent) => agent.name === name)?.api,
    }),
  );
  const record = { ...network.record, apiPort: control.apiPort };
  writeRecord(directories, record);
  const ingress = new ClusterIngress({
    ...site,
    control,
    engine: record.ingressEngine ?? 'node',
    directory: places.ingress(directories),
  });
  const running = await step('nodes', nodes, async () =>
    startDataPlane({
      ...site,
      programs: ingress.programs,
      record,
      network,
      control,
      version: kubernetesVersion,
      runtimeVersion: await runc,
    }),
  );
  data = running;
  const cloud = startBalancers({ ...site, record }, network, control);
  ingress.use(cloud);
  await ingress.chooseDoors(nodeLoopback(record.index, 1));
  const statusOf = publish({ ...site, record }, { network, control, cloud, ingress });
  await step('ready', 'cluster objects', () =>
    untilReady(control.informers, expectedNodes(record), directories.name),
  );
  if (leavingAddons(record).length > 0) await removeAddons({ ...site, record }, control);
  // Nobody waits for it: a cluster is ready without.
  void enableAddons({ ...site, record }, control);
  return {
    access: clusterAccess(pki, record),
    status: statusOf,
    ...(running.policies && { policies: running.policies }),
    shutDown: () => shutDown(running, control),
    close: () => closers.close(),
  };
}

/** Takes out what was switched off while the cluster was stopped. @throws ApiError */
async function removeAddons(
  { directories, record }: Site,
  { client }: ControlPlane,
): Promise<void> {
  for (const name of leavingAddons(record)) await applyAddon(client, name, false);
  writeRecord(directories, { ...record, leavingAddons: [] });
}

/** Puts the objects of the cluster's addons where they are missing. */
async function enableAddons({ record, log }: Site, { client }: ControlPlane): Promise<void> {
  for (const name of addonsOf(record)) {
    try {
      await applyAddon(client, name, true);
    } catch (error) {
      log(`addon ${name}: ${messageOf(error)}`);
    }
  }
}

/** The nodes that a start waits for; without a network none becomes ready on its own. */
function expectedNodes(record: ClusterRecord): readonly string[] {
  const { network, file } = cniOf(record);
  return network === 'plugins' && file === undefined ? [] : record.nodes;
}

/** Claims loopback addresses, then makes the namespaces or finds them. */
async function joinNetwork(site: Site): Promise<ClusterNetwork> {
  const { kernel, directories, record, closers } = site;
  const taken = siblingRecords(directories).map(({ index }) => index);
  const claim = await claimIndex(record.index, taken);
  closers.add(() => claim.release());
  const network = openNetwork(kernel, directories, withIndex(record, claim.index));
  closers.add(() => network.fabric.close());
  return network;
}

/** Gives Services of type LoadBalancer what a cloud gives them. */
function startBalancers(
  { kernel, clock, record, closers, log }: Site,
  network: ClusterNetwork,
  { client, informers, events }: ControlPlane,
): Cloud {
  const fabric = network.fabric.netns;
  const publisher = createPublisher({ kernel, fabric });
  closers.add(() => publisher.close());
  const context = { client, clock, informers, events, log };
  const cloud = startCloud({ ...context, kernel, fabric, clusterIndex: record.index, publisher });
  closers.add(() => cloud.close());
  return cloud;
}

/** What a cluster's account of itself is drawn from. */
interface Parts {
  readonly network: ClusterNetwork;
  readonly control: ControlPlane;
  readonly cloud: Cloud;
  readonly ingress: ClusterIngress;
}

/** Opens node ports on the host's loopback. @returns what gives account of the cluster */
function publish(
  { kernel, clock, directories, record, closers, log }: Site,
  { network, control: { informers }, cloud, ingress }: Parts,
): () => DaemonStatus {
  const publisher = createPublisher({ kernel, fabric: network.fabric.netns });
  const { nodes } = network;
  const others = (): readonly Binding[] => ingress.bindings();
  const publishing = new Publishing({ publisher, informers, clock, record, nodes, others, log });
  closers.add(() => publishing.close());
  return () =>
    clusterStatus({ directories, record, network, informers, publisher, publishing, cloud });
}

async function shutDown({ agents, runtime }: DataPlane, control: ControlPlane): Promise<void> {
  // The agents first: nobody may restart what is about to end.
  await Promise.all(agents.map((agent) => agent.close()));
  await shutDownPods(runtime, control.informers);
}
