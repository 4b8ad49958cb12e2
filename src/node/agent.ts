import { mkdir } from 'node:fs/promises';
import { WorkQueue } from '../clock/index.ts';
import type { Change } from '../client/index.ts';
import { messageOf } from '../fault/index.ts';
import type { Cidr } from '../ip/index.ts';
import type { ConfigMap, Pod, Secret } from '../kube/index.ts';
import type { ContainerStatus as RuntimeStatus } from '../runtime/index.ts';
import { LocalNodeApi } from './api.ts';
import type { NodeContext } from './context.ts';
import { Heartbeat } from './heartbeat.ts';
import { AddressPool } from './network/address-pool.ts';
import type { NodeApi } from './node-api.ts';
import type { NodeFacts } from './node-object.ts';
import { PodWorker } from './pod/pod-worker.ts';
import { isRunning } from './pod/records.ts';
import { Sandboxes } from './pod/sandbox.ts';
import { standInPorts } from './pod/stand-in-ports.ts';
import { podUses } from './volumes/references.ts';

export interface NodeAgentOptions {
  readonly context: NodeContext;
  readonly facts: NodeFacts;
  readonly podCidrs: readonly Cidr[];
  /** Containers of this node that outlived the last daemon. */
  readonly containers: readonly RuntimeStatus[];
}

/** The index of pods by the node they are on; the agent's share of the shared cache. */
export const NODE_INDEX = 'spec.nodeName';

/** The agent of one node: it runs the pods that are bound to it. */
export class NodeAgent {
  readonly api: NodeApi;
  private readonly options: NodeAgentOptions;
  private readonly sandboxes: Sandboxes;
  private readonly workers = new Map<string, PodWorker>();
  private readonly queue: WorkQueue;
  private readonly heartbeat: Heartbeat;
  private isClosed = false;

  constructor(options: NodeAgentOptions) {
    const { context, facts } = options;
    this.options = options;
    this.sandboxes = new Sandboxes(context, new AddressPool(options.podCidrs));
    this.queue = new WorkQueue({
      clock: context.clock,
      // A pod that ends may take its whole grace; it must not hold up the others.
      concurrency: Infinity,
      process: (uid) => this.reconcile(uid),
      onError: (uid, error) =>
        context.log(`pod ${uid} on ${context.nodeName}: ${messageOf(error)}`),
    });
    this.heartbeat = new Heartbeat({
      client: context.client,
      clock: context.clock,
      facts,
      log: context.log,
    });
    this.api = new LocalNodeApi({
      context,
      find: (namespace, pod) => this.find(namespace, pod),
    });
  }

  get name(): string {
    return this.options.context.nodeName;
  }

  /** Registers the node, takes over what is there, and follows the API from then on. */
  async start(): Promise<void> {
    const { context, containers } = this.options;
    await mkdir(context.paths.pods, { recursive: true });
    await mkdir(context.paths.namespaces, { recursive: true });
    await this.heartbeat.register();
    await this.heartbeat.start();
    await Promise.all(Object.values(context.caches).map(({ synced }) => synced));
    this.adopt(containers);
    await this.removeOrphans(containers);
    context.runtime.onExit((status) => this.containerExited(status));
    context.caches.pods.onChange((change) => this.podChanged(change));
    context.caches.configMaps.onChange((change) => this.sourceChanged('ConfigMap', change));
    context.caches.secrets.onChange((change) => this.sourceChanged('Secret', change));
    context.caches.services.onChange(({ previous, next }) => {
      const namespace = (next ?? previous)?.metadata.namespace;
      this.updateStandIns(namespace ?? '');
    });
  }

  private adopt(containers: readonly RuntimeStatus[]): void {
    for (const pod of this.options.context.caches.pods.byIndex(NODE_INDEX, this.name)) {
      const uid = pod.metadata.uid ?? '';
      const worker = this.add(uid, pod);
      worker.adopt(containers.filter(({ labels }) => labels['podUid'] === uid));
      this.queue.add(uid);
    }
  }

  /** Containers whose pod was deleted while no daemon ran. */
  private async removeOrphans(containers: readonly RuntimeStatus[]): Promise<void> {
    const { runtime } = this.options.context;
    const orphans = containers.filter(({ labels }) => !this.workers.has(labels['podUid'] ?? ''));
    for (const { id } of orphans) {
      await runtime.stop(id, 0);
      await runtime.remove(id);
    }
  }

  private find(namespace: string, name: string): PodWorker | undefined {
    return [...this.workers.values()].find(
      ({ object }) => object.metadata.name === name && object.metadata.namespace === namespace,
    );
  }

  private add(uid: string, pod: Pod): PodWorker {
    const worker = new PodWorker({
      context: this.options.context,
      sandboxes: this.sandboxes,
      pod,
      wake: () => this.queue.add(uid),
    });
    this.workers.set(uid, worker);
    return worker;
  }

  private podChanged({ previous, next }: Change<Pod>): void {
    if (this.isClosed) return;
    // A pod that was deleted and made again under its name is two pods.
    if (previous !== undefined && previous.metadata.uid !== next?.metadata.uid) {
      this.workers.get(previous.metadata.uid ?? '')?.update(undefined);
    }
    if (next === undefined || next.spec.nodeName !== this.name) return;
    const uid = next.metadata.uid ?? '';
    const worker = this.workers.get(uid) ?? this.add(uid, next);
    worker.update(next);
    if (previous?.metadata.labels !== next.metadata.labels) this.updateStandIn(worker);
  }

  private sourceChanged(kind: 'ConfigMap' | 'Secret', change: Change<ConfigMap | Secret>): void {
    const source = change.next ?? change.previous;
    if (source === undefined || this.isClosed) return;
    const { namespace, name } = source.metadata;
    for (const worker of this.workers.values()) {
      const { object } = worker;
      if (object.metadata.namespace === namespace && podUses(object, kind, name)) {
        worker.refreshVolumes();
      }
    }
  }

  private updateStandIns(namespace: string): void {
    if (this.isClosed) return;
    for (const worker of this.workers.values()) {
      if (worker.object.metadata.namespace === namespace) this.updateStandIn(worker);
    }
  }

  private updateStandIn(worker: PodWorker): void {
    const { context } = this.options;
    for (const record of worker.containers) {
      const { current, image, container } = record;
      if (current === undefined || !isRunning(record)) continue;
      if (image?.id.startsWith('stand-in://') !== true) continue;
      const ports = standInPorts({
        pod: worker.object,
        container,
        exposed: [],
        services: context.caches.services.list(),
      });
      context.runtime.updateStandInPorts(current.id, ports).catch((error: unknown) => {
        context.events.event(worker.object, {
          type: 'Warning',
          reason: 'StandInPort',
          message: messageOf(error),
        });
      });
    }
  }

  private containerExited(status: RuntimeStatus): void {
    this.workers.get(status.labels['podUid'] ?? '')?.containerExited(status);
  }

  private async reconcile(uid: string): Promise<void> {
    const worker = this.workers.get(uid);
    if (worker === undefined || this.isClosed) return;
    const lookAgainAt = await worker.reconcile();
    if (worker.isFinished) this.workers.delete(uid);
    else if (lookAgainAt !== Infinity) {
      this.queue.addAfter(uid, Math.max(1, lookAgainAt - this.options.context.clock.now()));
    }
  }

  /** Stops following the API; containers go on. */
  async close(): Promise<void> {
    this.isClosed = true;
    this.heartbeat.close();
    for (const worker of this.workers.values()) worker.close();
    await this.queue.close();
  }
}
