import { systemClock } from '../clock/index.ts';
import { createKernel } from '../kernel/index.ts';
import { createPublisher } from '../publish/index.ts';
import { Closers } from './closers.ts';
import { startControlPlane } from './control-plane.ts';
import { startDataPlane, type DataPlane } from './data-plane.ts';
import type { ClusterAccess, DaemonStatus } from './daemon/messages.ts';
import type { ClusterDirectories } from './directories.ts';
import { openNetwork } from './network.ts';
import { clusterAccess, openPki } from './pki.ts';
import { runStep, type OnStep } from './progress.ts';
import { Publishing } from './published.ts';
import { untilReady } from './ready.ts';
import { writeRecord, type ClusterRecord } from './record.ts';
import { shutDownPods } from './shut-down.ts';
import { clusterStatus } from './status.ts';
import { kubernetesVersion, runtimeVersion } from './versions.ts';

export interface RunOptions {
  readonly directories: ClusterDirectories;
  readonly record: ClusterRecord;
  readonly onStep: OnStep;
  log(text: string): void;
}

/** A cluster that runs in this process. */
export interface RunningCluster {
  readonly access: ClusterAccess;
  status(): DaemonStatus;
  /** Ends every container in its own time, at most a few seconds. */
  shutDown(): Promise<void>;
  /** Ends this process's part: sockets and caches. Containers, namespaces and rules stay. */
  close(): Promise<void>;
}

/** Runs a cluster in this process, step by step from the network up. */
export async function runCluster(options: RunOptions): Promise<RunningCluster> {
  const { directories, onStep, log } = options;
  const closers = new Closers();
  const kernel = createKernel();
  const clock = systemClock;
  const step = <T>(name: string, text: string, work: () => T | Promise<T>): Promise<T> =>
    runStep(onStep, { name, text }, work);
  let data: DataPlane | undefined;
  try {
    const network = await step('network', `network of ${options.record.nodes.length} nodes`, () =>
      openNetwork(kernel, directories, options.record),
    );
    closers.add(() => network.fabric.close());
    const pki = openPki(directories, clock.now());
    const control = await step('api', 'API server and controllers', () =>
      startControlPlane({
        directories,
        pki,
        clock,
        kernel,
        fabric: network.fabric.netns,
        apiPort: options.record.apiPort,
        closers,
        nodeApi: (name) => data?.agents.find((agent) => agent.name === name)?.api,
        log,
      }),
    );
    const record = { ...network.record, apiPort: control.apiPort };
    writeRecord(directories, record);
    const version = kubernetesVersion;
    const running = await step('nodes', 'nodes', () =>
      startDataPlane({
        directories,
        record,
        kernel,
        clock,
        network,
        control,
        closers,
        version,
        runtimeVersion: runtimeVersion(),
        log,
      }),
    );
    data = running;
    const publisher = createPublisher({ kernel, fabric: network.fabric.netns });
    const { informers } = control;
    const publishing = new Publishing({
      publisher,
      informers,
      clock,
      record,
      nodes: network.nodes,
      log,
    });
    closers.add(() => publishing.close());
    await step('ready', 'cluster objects', () => untilReady(informers, record.nodes));
    return {
      access: clusterAccess(pki, record),
      status: () => clusterStatus({ record, network, informers, publisher, publishing }),
      shutDown: async () => {
        // First nobody restarts what is about to end.
        await Promise.all(running.agents.map((agent) => agent.close()));
        await shutDownPods(running.runtime, informers);
      },
      close: () => closers.close(),
    };
  } catch (error) {
    await closers.close();
    throw error;
  }
}
