import type { Pod } from '../../kube/index.ts';
import type { ContainerStatus as RuntimeStatus } from '../../runtime/index.ts';
import type { NodeContext } from '../context.ts';
import type { ProbeTarget } from '../probe/target.ts';
import { Aborted } from './abortable.ts';
import { adoptRecords } from './adopt.ts';
import { tellBackOff, withLastWords } from './container-exit.ts';
import { ContainerProbes } from './container-probes.ts';
import { ContainerStarter, type StartInputs } from './container-starter.ts';
import { afterExit, decide } from './decide.ts';
import { fieldPath } from './field-path.ts';
import { runHook } from './hooks.ts';
import { probeTarget } from './probe-target.ts';
import { followServices } from './stand-in-updates.ts';
import {
  hasExited,
  isFinished,
  isRunning,
  newRecords,
  startOver,
  type ContainerRecord,
} from './records.ts';
import { Tasks } from './tasks.ts';
import { endContainers } from './terminator.ts';

/** As long as a postStart hook may take at most: the kubelet gives it no limit of its own. */
const POST_START_MS = 600_000;

export interface PodContainersOptions {
  readonly context: NodeContext;
  /** The pod as the API has it now. */
  pod(): Pod;
  podIPs(): readonly string[];
  /** Something changed: asks for a reconciliation soon. */
  wake(): void;
}

/** What the pod's containers run in, once it is there. */
export type ContainerSurroundings = Pick<StartInputs, 'sandbox' | 'volumes'>;

/**
 * The containers of one pod. Starts and ends run beside each other as tasks, at most one for each container, so that
 * a slow pull, hook or end holds nothing else up.
 */
export class PodContainers {
  readonly records: readonly ContainerRecord[];
  private readonly options: PodContainersOptions;
  private readonly starter: ContainerStarter;
  private readonly probes = new Map<ContainerRecord, ContainerProbes>();
  private readonly tasks: Tasks;
  private readonly exitListeners = new Set<() => void>();
  /** Aborted when the pod ends or the daemon does: nothing is started any more. */
  private readonly ending = new AbortController();
  /** Aborted when the pod's grace is over. */
  private readonly hurry = new AbortController();
  private readonly closing = new AbortController();

  constructor(options: PodContainersOptions) {
    this.options = options;
    this.records = newRecords(options.pod());
    this.starter = new ContainerStarter(options.context);
    this.tasks = new Tasks(options.context.clock);
  }

  get isAnyRunning(): boolean {
    return this.records.some(isRunning);
  }

  /** Takes over the containers that outlived the last daemon. */
  adopt(containers: readonly RuntimeStatus[]): void {
    const pod = this.options.pod();
    adoptRecords(pod, this.records, containers);
    for (const record of this.records) {
      if (isRunning(record)) this.startProbes(record, true);
      else if (hasExited(record)) this.backOff(record);
    }
  }

  /** Follows the images of the pod's spec, the only part of a container that may change. */
  follow(pod: Pod): void {
    const containers = [...(pod.spec.initContainers ?? []), ...pod.spec.containers];
    for (const record of this.records) {
      const container = containers.find(({ name }) => name === record.container.name);
      if (container === undefined || container.image === record.container.image) continue;
      record.container = container;
      const message = `Container ${container.name} definition changed, will be restarted`;
      if (isRunning(record) && record.role !== 'init') record.condemned = { message };
      Object.assign(record, { notBefore: 0, failedStarts: 0, crashes: 0 });
    }
  }

  /** Starts again at once what waits for a ConfigMap or Secret that may be there now. */
  retryConfiguration(): void {
    for (const record of this.records) {
      if (record.waiting?.reason === 'CreateContainerConfigError') record.notBefore = 0;
    }
  }

  /** Calls `listener` whenever a container has ended; returns how to take it off again. */
  onExit(listener: () => void): () => void {
    this.exitListeners.add(listener);
    return () => this.exitListeners.delete(listener);
  }

  exited(status: RuntimeStatus): void {
    const record = this.records.find(({ current }) => current?.id === status.id);
    if (record !== undefined && isRunning(record)) this.noteExit(record, status);
  }

  private noteExit(record: ContainerRecord, status: RuntimeStatus): void {
    const { context } = this.options;
    const pod = this.options.pod();
    const { container, attempt } = record;
    record.current = withLastWords(context, { pod, container, attempt }, status);
    record.isStarted = false;
    record.isReady = false;
    delete record.condemned;
    this.probes.get(record)?.stop();
    this.probes.delete(record);
    Object.assign(record, afterExit(record, context.clock.now()));
    this.backOff(record);
    for (const listener of this.exitListeners) listener();
    this.options.wake();
  }

  /** Says that a container waits, when it does: one that has ended for good does not. */
  private backOff(record: ContainerRecord): void {
    const { context } = this.options;
    const pod = this.options.pod();
    const isOver = this.ending.signal.aborted || pod.metadata.deletionTimestamp !== undefined;
    if (isOver || isFinished(record, pod.spec.restartPolicy ?? 'Always')) return;
    if (record.notBefore > context.clock.now()) tellBackOff(context, pod, record);
  }

  /**
   * Begins to end what is condemned and to start what is due. @returns when to look again.
   * @throws what an earlier task failed with, so that the pod is repeated with a growing pause.
   */
  step(surroundings: ContainerSurroundings): number {
    this.tasks.throwFailure();
    const pod = this.options.pod();
    const { clock } = this.options.context;
    const { start, stop, lookAgainAt } = decide(pod, this.records, clock.now());
    for (const record of stop) this.begin(record, this.endCondemned(record));
    const inputs: StartInputs = {
      ...surroundings,
      pod,
      signal: this.ending.signal,
      begun: (record, status) => {
        // One that ended before anybody knew it has told nobody.
        if (status.state === 'exited') this.noteExit(record, status);
      },
    };
    for (const record of start) this.begin(record, this.start(record, inputs));
    return lookAgainAt;
  }

  private begin(record: ContainerRecord, work: Promise<void>): void {
    record.isBusy = true;
    this.tasks.add(work, () => {
      record.isBusy = false;
      this.options.wake();
    });
  }

  /** Resolves when what was begun is done, or after `limitMs`. */
  async settled(limitMs?: number): Promise<void> {
    await this.tasks.settled(limitMs);
  }

  private async start(record: ContainerRecord, inputs: StartInputs): Promise<void> {
    const hasBegun = await this.starter.start(record, inputs);
    if (!hasBegun || !isRunning(record)) return;
    // A Service may have come while the stand-in started.
    followServices(this.options.context, this.options.pod(), [record]);
    await this.postStart(record);
    if (isRunning(record)) this.startProbes(record, false);
  }

  private async postStart(record: ContainerRecord): Promise<void> {
    const handler = record.container.lifecycle?.postStart;
    if (handler === undefined) return;
    const limits = { timeoutMs: POST_START_MS, signal: this.ending.signal };
    const problem = await runHook(handler, this.targetOf(record), limits);
    if (problem === undefined || this.ending.signal.aborted || !isRunning(record)) return;
    this.tell(record, 'FailedPostStartHook', `PostStartHook failed: ${problem}`);
    record.condemned = { message: 'FailedPostStartHook' };
  }

  private tell(record: ContainerRecord, reason: string, message: string): void {
    const pod = this.options.pod();
    this.options.context.events.event(pod, {
      type: 'Warning',
      reason,
      message,
      fieldPath: fieldPath(pod, record.container),
    });
  }

  private startProbes(record: ContainerRecord, isAdopted: boolean): void {
    const probes = new ContainerProbes({
      clock: this.options.context.clock,
      record,
      target: this.targetOf(record),
      listener: {
        changed: () => this.options.wake(),
        failed: (message) => this.tell(record, 'Unhealthy', message),
      },
    });
    this.probes.set(record, probes);
    probes.start(isAdopted);
  }

  private targetOf(record: ContainerRecord): ProbeTarget {
    return probeTarget(this.options.context, record, this.options.podIPs()[0] ?? '');
  }

  private async endCondemned(record: ContainerRecord): Promise<void> {
    const { terminationGracePeriodSeconds = 30 } = this.options.pod().spec;
    const { graceSeconds = terminationGracePeriodSeconds, message } = record.condemned ?? {};
    const deadline = this.options.context.clock.now() + graceSeconds * 1000;
    await this.end([record], { deadline, ...(message === undefined ? {} : { message }) });
  }

  private async end(
    records: readonly ContainerRecord[],
    how: { readonly deadline: number; readonly message?: string },
  ): Promise<void> {
    await endContainers(this.options.context, {
      pod: this.options.pod(),
      records,
      ...how,
      hurry: this.hurry.signal,
      closing: this.closing.signal,
      targetOf: (record) => this.targetOf(record),
      ended: (record, status) => {
        if (isRunning(record)) this.noteExit(record, status);
      },
    });
  }

  /** Nothing is started any more, and nothing probed but readiness; resolves when starts under way are over. */
  async stopStarting(): Promise<void> {
    this.ending.abort(new Aborted('the pod ends'));
    for (const probes of this.probes.values()) probes.keepReadinessOnly();
    await this.settled();
  }

  /** Ends whatever runs. @throws Aborted when the daemon ends meanwhile. */
  async endAll(deadline: number): Promise<void> {
    await this.end(this.records, { deadline });
  }

  /** Kills whatever runs: the grace is over, whoever still waits for hooks or signals. */
  killAll(): void {
    this.hurry.abort(new Aborted('the grace is over'));
    const { runtime, log } = this.options.context;
    for (const record of this.records) {
      if (record.current === undefined || !isRunning(record)) continue;
      runtime.stop(record.current.id, 0).catch((error: unknown) => {
        log(`cannot kill container ${record.container.name}: ${String(error)}`);
      });
    }
  }

  /** After their sandbox has gone: all that is not finished runs anew. */
  async startOver(): Promise<void> {
    const { runtime } = this.options.context;
    const forgotten = startOver(this.records, this.options.pod().spec.restartPolicy ?? 'Always');
    for (const { id } of forgotten) await runtime.remove(id);
  }

  /** Removes what is left of all attempts. */
  async remove(): Promise<void> {
    const { runtime } = this.options.context;
    for (const { current, previous } of this.records) {
      if (current !== undefined) await runtime.remove(current.id);
      if (previous !== undefined) await runtime.remove(previous.id);
    }
  }

  /** The daemon ends: probes and waiting stop, containers go on. */
  async close(): Promise<void> {
    this.closing.abort(new Aborted('the daemon ends'));
    this.ending.abort(this.closing.signal.reason);
    for (const probes of this.probes.values()) probes.stop();
    await this.settled();
  }
}
