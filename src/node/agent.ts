import { mkdir } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { WorkQueue } from '../clock/index.ts';
import type { Change } from '../client/index.ts';
import { messageOf } from '../fault/index.ts';
import type { Cidr } from '../ip/index.ts';
import type { ConfigMap, Pod, Secret, Service } from '../kube/index.ts';
import type { ContainerStatus as RuntimeStatus } from '../runtime/index.ts';
import { LocalNodeApi } from './api.ts';
import { NODE_INDEX } from './cache-indexes.ts';
import type { NodeContext } from './context.ts';
import { Heartbeat } from './heartbeat.ts';
import { AddressPool } from './network/address-pool.ts';
import type { NodeApi } from './node-api.ts';
import type { NodeFacts } from './node-object.ts';
import { PodStorage } from './pod/pod-storage.ts';
import { PodWorker } from './pod/pod-worker.ts';
import { Sandboxes } from './pod/sandbox.ts';
import { followServices, StandInUpdates } from './pod/stand-in-updates.ts';
import { environmentUses, volumesUse, type SourceKind } from './volumes/references.ts';

export interface NodeAgentOptions {
  readonly context: NodeContext;
  readonly facts: NodeFacts;
  readonly podCidrs: readonly Cidr[];
  /** Containers of this node that outlived the last daemon. */
  readonly containers: readonly RuntimeStatus[];
}

/** Who says that the pod network is not ready, among what keeps the node from being Ready. */
const NETWORK = 'network';
const POLICIES = 'policies';

/** The agent of one node: it runs the pods that are bound to it. */
export class NodeAgent {
  readonly api: NodeApi;
  private readonly options: NodeAgentOptions;
  private readonly storage: PodStorage;
  /** Containers of the last daemon, as long as no worker has them. */
  private readonly outlived: Map<string, RuntimeStatus>;
  private readonly workers = new Map<string, PodWorker>();
  private readonly queue: WorkQueue;
  private readonly heartbeat: Heartbeat;
  private readonly standIns: StandInUpdates;
  private isClosed = false;

  constructor(options: NodeAgentOptions) {
    const { context, facts } = options;
    this.options = options;
    const sandboxes = new Sandboxes(context, new AddressPool(options.podCidrs));
    this.storage = new PodStorage(context, sandboxes);
    this.outlived = new Map(options.containers.map((status) => [status.id, status]));
    this.queue = new WorkQueue({
      clock: context.clock,
      // A pod that ends may take its whole grace; it must not hold up the others.
      concurrency: Infinity,
      process: (uid) => this.reconcile(uid),
      onError: (uid, error) =>
        context.log(`pod ${uid} on ${context.nodeName}: ${messageOf(error)}`),
    });
    this.standIns = new StandInUpdates(context);
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
    const { context } = this.options;
    const { caches, paths, runtime } = context;
    // First: a container may end while the rest is still being made ready.
    runtime.onExit((status) => this.containerExited(status));
    await mkdir(paths.pods, { recursive: true });
    await mkdir(paths.namespaces, { recursive: true });
    context.network.onChange(() => this.networkChanged());
    this.heartbeat.note(NETWORK, context.network.problem);
    context.policies?.onChange(() => this.networkChanged());
    this.heartbeat.note(POLICIES, context.policies?.problem);
    await this.heartbeat.register();
    await this.heartbeat.start();
    await Promise.all(Object.values(caches).map(({ synced }) => synced));
    this.adopt();
    await this.removeOrphans();
    caches.pods.onChange((change) => this.podChanged(change));
    caches.configMaps.onChange((change) => this.sourceChanged('ConfigMap', change));
    caches.secrets.onChange((change) => this.sourceChanged('Secret', change));
    caches.services.onChange((change) => this.serviceChanged(change));
  }

  private adopt(): void {
    const containers = [...this.outlived.values()];
    for (const pod of this.options.context.caches.pods.byIndex(NODE_INDEX, this.name)) {
      const uid = pod.metadata.uid ?? '';
      const own = containers.filter(({ labels }) => labels['podUid'] === uid);
      for (const { id } of own) this.outlived.delete(id);
      this.add(uid, pod).adopt(own);
      this.queue.add(uid);
    }
  }

  /** Containers and files whose pod was deleted while no daemon ran. */
  private async removeOrphans(): Promise<void> {
    const { context } = this.options;
    const { network, runtime } = context;
    for (const id of this.outlived.keys()) {
      await runtime.stop(id, 0);
      await runtime.remove(id);
    }
    this.outlived.clear();
    await this.storage.removeOrphans((uid) => this.workers.has(uid));
    // Beside the rest: it asks after every pod, and nothing waits for the answers.
    network.tidy(new Set(this.workers.keys())).catch((error: unknown) => {
      context.log(`cannot tidy the network of ${this.name}: ${messageOf(error)}`);
    });
  }

  private find(namespace: string, name: string): PodWorker | undefined {
    const named = [...this.workers.values()].filter(
      ({ object }) => object.metadata.name === name && object.metadata.namespace === namespace,
    );
    // One that was deleted and made again under its name is two pods for a while.
    return named.find(({ isEnding }) => !isEnding) ?? named.at(-1);
  }

  private add(uid: string, pod: Pod): PodWorker {
    const worker = new PodWorker({
      context: this.options.context,
      storage: this.storage,
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
    if (!isDeepStrictEqual(previous?.metadata.labels, next.metadata.labels)) {
      followServices(this.options.context, worker.object, worker.containers);
    }
  }

  private sourceChanged(kind: SourceKind, change: Change<ConfigMap | Secret>): void {
    const source = change.next ?? change.previous;
    if (source === undefined || this.isClosed) return;
    const { namespace, name } = source.metadata;
    for (const worker of this.workers.values()) {
      const { object } = worker;
      if (object.metadata.namespace !== namespace) continue;
      if (volumesUse(object, kind, name)) worker.refreshVolumes();
      if (environmentUses(object, kind, name)) worker.retryConfiguration();
    }
  }

  private serviceChanged(change: Change<Service>): void {
    if (this.isClosed) return;
    this.standIns.serviceChanged(change, this.workers.values());
  }

  private networkChanged(): void {
    if (this.isClosed) return;
    const { context } = this.options;
    this.heartbeat.note(NETWORK, context.network.problem);
    this.heartbeat.note(POLICIES, context.policies?.problem);
    this.heartbeat.report().catch((error: unknown) => {
      context.log(`cannot say how ${this.name} is: ${messageOf(error)}`);
    });
    for (const worker of this.workers.values()) worker.networkChanged();
  }

  private containerExited(status: RuntimeStatus): void {
    if (this.outlived.has(status.id)) this.outlived.set(status.id, status);
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
    this.standIns.close();
    await Promise.all([...this.workers.values()].map((worker) => worker.close()));
    await this.queue.close();
  }
}
