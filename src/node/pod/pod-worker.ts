import { Backoff } from '../../clock/index.ts';
import { messageOf } from '../../fault/index.ts';
import { ApiError, podKind, type Pod } from '../../kube/index.ts';
import type { ContainerStatus as RuntimeStatus } from '../../runtime/index.ts';
import type { NodeContext } from '../context.ts';
import type { MountedVolumes, PodVolumes } from '../volumes/volumes.ts';
import { Aborted } from './abortable.ts';
import { activeUntil, isOver } from './decide.ts';
import { limitations } from './limitations.ts';
import { PodContainers } from './pod-containers.ts';
import type { PodStorage } from './pod-storage.ts';
import type { ContainerRecord } from './records.ts';
import type { Sandbox } from './sandbox.ts';
import { podStatus, type PodFailure } from './status.ts';
import { StatusWriter } from './status-writer.ts';

/** When a pod wants to be looked at again although nothing happened; milliseconds since the epoch. */
type LookAgainAt = number;

const NEVER = Infinity;
/** Between attempts at a sandbox or volumes; the kubelet's figures for volumes. */
const RETRY = { baseMs: 500, capMs: 122_000 };
/** How long a start may take before the pod's status says that it is under way. */
const SLOW_START_MS = 250;

export interface PodWorkerOptions {
  readonly context: NodeContext;
  readonly storage: PodStorage;
  readonly pod: Pod;
  /** Asks for a reconciliation soon. */
  wake(): void;
}

/** True when `next` is not older than `known`, both versions of one object. */
function isNewer(next: Pod, known: Pod): boolean {
  return Number(next.metadata.resourceVersion) >= Number(known.metadata.resourceVersion);
}

/**
 * The life of one pod on its node. `reconcile` compares what the API wants with what runs and takes the next steps; the
 * agent sees to it that no two reconciliations of a pod overlap.
 */
export class PodWorker {
  private readonly options: PodWorkerOptions;
  private readonly pods: PodContainers;
  private readonly volumes: PodVolumes;
  private readonly statusWriter: StatusWriter;
  private readonly backoff: Backoff;
  private pod: Pod;
  /** True when the API no longer has the pod. */
  private isGone = false;
  private isClosed = false;
  private sandbox: Sandbox | undefined;
  private mounted: MountedVolumes | undefined;
  private areVolumesStale = false;
  /** When sandbox and volumes are tried again after a failure. */
  private retryAt = 0;
  private failure: PodFailure | undefined;
  private cancelKill: () => void = () => {};
  /** True when nothing of the pod is left on the node. */
  isFinished = false;

  constructor(options: PodWorkerOptions) {
    const { context, pod, storage } = options;
    this.options = options;
    this.pod = pod;
    this.volumes = storage.volumesOf(pod);
    this.statusWriter = new StatusWriter(context.client);
    this.backoff = new Backoff(RETRY, { clock: context.clock });
    this.pods = new PodContainers({
      context,
      pod: () => this.pod,
      podIPs: () => this.podIPs,
      wake: () => this.changed(),
    });
  }

  get object(): Pod {
    return this.pod;
  }

  get containers(): readonly ContainerRecord[] {
    return this.pods.records;
  }

  get podIPs(): readonly string[] {
    return this.sandbox?.podIPs ?? [];
  }

  /** Pin of the pod's network namespace, once it has one. */
  get netns(): string | undefined {
    return this.sandbox?.namespaces.net;
  }

  /** True when the pod is on its way out: another one may have its name. */
  get isEnding(): boolean {
    return this.isGone || this.pod.metadata.deletionTimestamp !== undefined;
  }

  /** Takes over what outlived the last daemon: the sandbox and the containers in it. */
  adopt(containers: readonly RuntimeStatus[]): void {
    this.sandbox = this.options.storage.sandboxes.adopt(this.pod);
    this.pods.adopt(containers);
  }

  /** The pod as the API has it now; undefined when it is gone. */
  update(pod: Pod | undefined): void {
    if (pod === undefined) this.isGone = true;
    else if (isNewer(pod, this.pod)) this.pod = pod;
    else return;
    this.pods.follow(this.pod);
    if (this.isEnding) this.scheduleKill();
    this.options.wake();
  }

  /** Whatever a deletion waits for, its deadline ends it; a second deletion may bring it forward. */
  private scheduleKill(): void {
    const { clock } = this.options.context;
    this.cancelKill();
    this.cancelKill = () => {};
    if (this.isFinished) return;
    const left = this.deadline() - clock.now();
    if (left <= 0) this.pods.killAll();
    else this.cancelKill = clock.setTimer(left, () => this.pods.killAll());
  }

  /** A ConfigMap or Secret that a volume of the pod shows changed. */
  refreshVolumes(): void {
    this.areVolumesStale = true;
    this.options.wake();
  }

  /** A ConfigMap or Secret that an environment of the pod names changed. */
  retryConfiguration(): void {
    this.pods.retryConfiguration();
    this.options.wake();
  }

  containerExited(status: RuntimeStatus): void {
    this.pods.exited(status);
  }

  /** While a pod ends, what its readiness probes find goes straight to its status: no reconciliation is due. */
  private changed(): void {
    this.options.wake();
    if (!this.isEnding || this.isFinished || this.isClosed) return;
    this.writeStatus().catch((error: unknown) => {
      this.options.context.log(
        `cannot write the status of ${this.pod.metadata.name}: ${messageOf(error)}`,
      );
    });
  }

  /** One look at the pod. @returns when to look again. */
  async reconcile(): Promise<LookAgainAt> {
    try {
      return await this.lookAt();
    } catch (error) {
      if (error instanceof Aborted && this.isClosed) return NEVER;
      throw error;
    }
  }

  private async lookAt(): Promise<LookAgainAt> {
    if (this.isClosed || this.isFinished) return NEVER;
    if (this.isEnding) return this.terminate();
    this.checkDeadline();
    if (this.isOver()) return this.settle();
    const { clock } = this.options.context;
    await this.prepare();
    const { sandbox, mounted } = this;
    let lookAgainAt = NEVER;
    if (sandbox !== undefined && mounted !== undefined) {
      lookAgainAt = this.pods.step({ sandbox, volumes: mounted.paths });
      await this.pods.settled(SLOW_START_MS);
    }
    await this.writeStatus();
    if (this.isOver()) this.options.wake();
    const isRetrying = this.retryAt > clock.now();
    const upkeepAt = isRetrying ? this.retryAt : (this.mounted?.renewAt ?? NEVER);
    return Math.min(lookAgainAt, upkeepAt, activeUntil(this.pod));
  }

  private isOver(): boolean {
    return this.failure !== undefined || isOver(this.pod, this.pods.records);
  }

  private checkDeadline(): void {
    const { clock, events } = this.options.context;
    if (this.failure !== undefined || activeUntil(this.pod) > clock.now()) return;
    if (isOver(this.pod, this.pods.records)) return;
    const message = 'Pod was active on the node longer than the specified deadline';
    this.failure = { reason: 'DeadlineExceeded', message };
    events.event(this.pod, { type: 'Normal', reason: 'DeadlineExceeded', message });
  }

  /** Sees to sandbox and volumes; an event says what is missing. */
  private async prepare(): Promise<void> {
    const { clock } = this.options.context;
    if (this.retryAt > clock.now() && !this.areVolumesStale) return;
    const isPrepared = (await this.prepareSandbox()) && (await this.prepareVolumes());
    if (isPrepared) this.backoff.reset();
    this.retryAt = isPrepared ? 0 : clock.now() + this.backoff.next();
  }

  private async prepareSandbox(): Promise<boolean> {
    const { context, storage } = this.options;
    try {
      if (this.sandbox !== undefined && !storage.sandboxes.isIntact(this.sandbox)) {
        await this.loseSandbox();
      }
      if (this.sandbox !== undefined) return true;
      this.sandbox = await storage.sandboxes.create(this.pod);
      for (const limitation of limitations(this.pod)) context.events.event(this.pod, limitation);
      return true;
    } catch (error) {
      if (error instanceof Aborted) throw error;
      this.warn('FailedCreatePodSandBox', `Failed to create pod sandbox: ${messageOf(error)}`);
      return false;
    }
  }

  /** Namespaces that are gone come back as others: whatever still runs in the old ones starts anew. */
  private async loseSandbox(): Promise<void> {
    const { context } = this.options;
    const message = 'Pod sandbox changed, it will be killed and re-created.';
    context.events.event(this.pod, { type: 'Normal', reason: 'SandboxChanged', message });
    await this.pods.settled();
    await this.pods.endAll(context.clock.now() + this.graceMs());
    await this.pods.startOver();
    this.sandbox = undefined;
  }

  private async prepareVolumes(): Promise<boolean> {
    const { context } = this.options;
    const isDue = (this.mounted?.renewAt ?? 0) <= context.clock.now();
    if (this.mounted !== undefined && !this.areVolumesStale && !isDue) return true;
    try {
      this.areVolumesStale = false;
      this.mounted = await this.volumes.mount(this.pod, this.podIPs);
      return true;
    } catch (error) {
      this.warn('FailedMount', messageOf(error));
      return false;
    }
  }

  private warn(reason: string, message: string): void {
    this.options.context.events.event(this.pod, { type: 'Warning', reason, message });
  }

  private graceMs(): number {
    return (this.pod.spec.terminationGracePeriodSeconds ?? 30) * 1000;
  }

  private async writeStatus(): Promise<void> {
    const { context } = this.options;
    const compute = (pod: Pod): ReturnType<typeof podStatus> =>
      podStatus({
        pod,
        records: this.pods.records,
        hostIPs: context.nodeIPs,
        podIPs: this.podIPs,
        hasSandbox: this.sandbox !== undefined,
        now: context.clock.now(),
        ...(this.failure === undefined ? {} : { failure: this.failure }),
      });
    const answer = await this.statusWriter.write(() => this.pod, compute);
    if (answer !== undefined && isNewer(answer, this.pod)) this.pod = answer;
  }

  /** A pod whose containers are all done: the rest ends, its network goes, its logs stay. */
  private async settle(): Promise<LookAgainAt> {
    const { context, storage } = this.options;
    await this.pods.stopStarting();
    await this.pods.endAll(context.clock.now() + this.graceMs());
    await this.writeStatus();
    if (this.sandbox !== undefined) await storage.sandboxes.remove(this.pod.metadata.uid ?? '');
    this.sandbox = undefined;
    return NEVER;
  }

  private deadline(): number {
    const { deletionTimestamp } = this.pod.metadata;
    // Already the end of the grace: the API server adds it (meta/v1 ObjectMeta.deletionTimestamp).
    if (this.isGone || deletionTimestamp === undefined) return 0;
    return Date.parse(deletionTimestamp);
  }

  private async terminate(): Promise<LookAgainAt> {
    const { context, storage } = this.options;
    await this.pods.stopStarting();
    if (!this.isGone && this.pods.isAnyRunning) await context.drained(this.pod);
    await this.pods.endAll(this.deadline());
    if (this.isClosed) return NEVER;
    this.cancelKill();
    if (!this.isGone) await this.writeStatus();
    await this.pods.remove();
    await storage.remove(this.pod);
    if (!this.isGone) await this.forget();
    this.isFinished = true;
    return NEVER;
  }

  /** The last word to the API: nothing of the pod is left here. */
  private async forget(): Promise<void> {
    const { name, namespace, uid } = this.pod.metadata;
    try {
      await this.options.context.client.delete(
        podKind,
        { name, ...(namespace === undefined ? {} : { namespace }) },
        { gracePeriodSeconds: 0, ...(uid === undefined ? {} : { preconditions: { uid } }) },
      );
    } catch (error) {
      const isGone = error instanceof ApiError && ['NotFound', 'Conflict'].includes(error.reason);
      if (!isGone) throw error;
    }
  }

  /** The daemon ends: probes and waiting stop, containers go on. */
  async close(): Promise<void> {
    this.isClosed = true;
    this.cancelKill();
    await this.pods.close();
  }
}
