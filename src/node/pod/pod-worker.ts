import { messageOf } from '../../fault/index.ts';
import { ApiError, podKind, type Pod } from '../../kube/index.ts';
import type { ContainerStatus as RuntimeStatus } from '../../runtime/index.ts';
import type { NodeContext } from '../context.ts';
import { Aborted } from './abortable.ts';
import { activeUntil, isOver } from './decide.ts';
import { PodContainers } from './pod-containers.ts';
import { PodGround } from './pod-ground.ts';
import type { PodStorage } from './pod-storage.ts';
import type { ContainerRecord } from './records.ts';
import { podStatus, type PodFailure } from './status.ts';
import { StatusWriter } from './status-writer.ts';

/** When a pod wants to be looked at again although nothing happened; milliseconds since the epoch. */
type LookAgainAt = number;

const NEVER = Infinity;
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
  private readonly life: PodContainers;
  private readonly ground: PodGround;
  private readonly statusWriter: StatusWriter;
  private pod: Pod;
  /** True when the API no longer has the pod. */
  private isGone = false;
  private isClosed = false;
  private failure: PodFailure | undefined;
  private cancelKill: () => void = () => {};
  /** True when nothing of the pod is left on the node. */
  isFinished = false;

  constructor(options: PodWorkerOptions) {
    const { context, pod, storage } = options;
    this.options = options;
    this.pod = pod;
    this.ground = new PodGround({
      context,
      storage,
      pod: () => this.pod,
      evacuate: () => this.evacuate(),
    });
    this.statusWriter = new StatusWriter(context.client);
    this.life = new PodContainers({
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
    return this.life.records;
  }

  get podIPs(): readonly string[] {
    return this.ground.sandbox?.podIPs ?? [];
  }

  /** Pin of the pod's network namespace, once it has one. */
  get netns(): string | undefined {
    return this.ground.sandbox?.namespaces.net;
  }

  /** True when the pod is on its way out: another one may have its name. */
  get isEnding(): boolean {
    return this.isGone || this.pod.metadata.deletionTimestamp !== undefined;
  }

  /** Takes over what outlived the last daemon: the sandbox and the containers in it. */
  adopt(containers: readonly RuntimeStatus[]): void {
    this.ground.adopt();
    this.life.adopt(containers);
  }

  /** The pod as the API has it now; undefined when it is gone. */
  update(pod: Pod | undefined): void {
    if (pod === undefined) this.isGone = true;
    else if (isNewer(pod, this.pod)) this.pod = pod;
    else return;
    this.life.follow(this.pod);
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
    if (left <= 0) this.life.killAll();
    else this.cancelKill = clock.setTimer(left, () => this.life.killAll());
  }

  /** A ConfigMap or Secret that a volume of the pod shows changed. */
  refreshVolumes(): void {
    this.ground.refreshVolumes();
    this.options.wake();
  }

  /** A ConfigMap or Secret that an environment of the pod names changed. */
  retryConfiguration(): void {
    this.life.retryConfiguration();
    this.options.wake();
  }

  /** The node's network began or ceased to take pods in. */
  networkChanged(): void {
    this.ground.retry();
    this.options.wake();
  }

  containerExited(status: RuntimeStatus): void {
    this.life.exited(status);
  }

  /** Calls `listener` whenever a container has ended; returns how to take it off again. */
  onExit(listener: () => void): () => void {
    return this.life.onExit(listener);
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
    await this.ground.prepare();
    const { surroundings } = this.ground;
    const lookAgainAt = surroundings === undefined ? NEVER : this.life.step(surroundings);
    await this.life.settled(SLOW_START_MS);
    await this.writeStatus();
    if (this.isOver()) this.options.wake();
    return Math.min(lookAgainAt, this.ground.upkeepAt, activeUntil(this.pod));
  }

  private isOver(): boolean {
    return this.failure !== undefined || isOver(this.pod, this.life.records);
  }

  private checkDeadline(): void {
    const { clock, events } = this.options.context;
    if (this.failure !== undefined || activeUntil(this.pod) > clock.now()) return;
    if (isOver(this.pod, this.life.records)) return;
    const message = 'Pod was active on the node longer than the specified deadline';
    this.failure = { reason: 'DeadlineExceeded', message };
    events.event(this.pod, { type: 'Normal', reason: 'DeadlineExceeded', message });
  }

  /** Ends what runs in a sandbox that is gone; it starts anew in the next. */
  private async evacuate(): Promise<void> {
    await this.life.settled();
    await this.life.endAll(this.options.context.clock.now() + this.graceMs());
    await this.life.startOver();
  }

  private graceMs(): number {
    return (this.pod.spec.terminationGracePeriodSeconds ?? 30) * 1000;
  }

  private async writeStatus(): Promise<void> {
    const { context } = this.options;
    const compute = (pod: Pod): ReturnType<typeof podStatus> =>
      podStatus({
        pod,
        records: this.life.records,
        hostIPs: context.nodeIPs,
        podIPs: this.podIPs,
        hasSandbox: this.ground.sandbox !== undefined,
        now: context.clock.now(),
        ...(this.failure === undefined ? {} : { failure: this.failure }),
      });
    const answer = await this.statusWriter.write(() => this.pod, compute);
    if (answer !== undefined && isNewer(answer, this.pod)) this.pod = answer;
  }

  /** A pod whose containers are all done: the rest ends, its network goes, its logs stay. */
  private async settle(): Promise<LookAgainAt> {
    await this.life.stopStarting();
    await this.life.endAll(this.options.context.clock.now() + this.graceMs());
    await this.writeStatus();
    await this.ground.removeSandbox();
    return NEVER;
  }

  private deadline(): number {
    const { deletionTimestamp } = this.pod.metadata;
    // Already the end of the grace: the API server adds it (meta/v1 ObjectMeta.deletionTimestamp).
    if (this.isGone || deletionTimestamp === undefined) return 0;
    return Date.parse(deletionTimestamp);
  }

  private async terminate(): Promise<LookAgainAt> {
    const { context } = this.options;
    await this.life.stopStarting();
    if (!this.isGone && this.life.isAnyRunning) await context.drained(this.pod);
    await this.life.endAll(this.deadline());
    if (this.isClosed) return NEVER;
    this.cancelKill();
    if (!this.isGone) await this.writeStatus();
    await this.life.remove();
    await this.removeStorage();
    if (!this.isGone) await this.forget();
    this.isFinished = true;
    return NEVER;
  }

  /** Tried again when it fails: an address that nobody gave back would be lost. */
  private async removeStorage(): Promise<void> {
    const { context, storage } = this.options;
    try {
      await storage.remove(this.pod);
    } catch (error) {
      const message = `error killing pod: ${messageOf(error)}`;
      context.events.event(this.pod, { type: 'Warning', reason: 'FailedKillPod', message });
      throw error;
    }
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
    await this.life.close();
  }
}
