import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { messageOf } from '../../fault/index.ts';
import { ApiError, podKind, type Pod } from '../../kube/index.ts';
import type { ContainerStatus as RuntimeStatus } from '../../runtime/index.ts';
import type { NodeContext } from '../context.ts';
import type { ProbeTarget } from '../probe/target.ts';
import { PodVolumes, type MountedVolumes } from '../volumes/volumes.ts';
import { adoptRecords } from './adopt.ts';
import { ContainerProbes } from './container-probes.ts';
import { logPath } from './container-spec.ts';
import { ContainerStarter, fieldPath } from './container-starter.ts';
import { afterExit, decide, isOver } from './decide.ts';
import { runHook } from './hooks.ts';
import { connectFrom } from './reach.ts';
import { isRunning, newRecords, type ContainerRecord } from './records.ts';
import type { Sandbox, Sandboxes } from './sandbox.ts';
import { podStatus } from './status.ts';
import { StatusWriter } from './status-writer.ts';
import { endContainers } from './terminator.ts';

/** When a pod wants to be looked at again although nothing happened; milliseconds since the epoch. */
type LookAgainAt = number;

const NEVER = Infinity;
/** How long to wait after a failed sandbox or volume before trying again. */
const RETRY_MS = 1000;
/** How long a start may take before the pod's status says that it is under way. */
const SLOW_START_MS = 250;

export interface PodWorkerOptions {
  readonly context: NodeContext;
  readonly sandboxes: Sandboxes;
  readonly pod: Pod;
  /** Asks for a reconciliation soon. */
  wake(): void;
}

/**
 * The life of one pod on its node. `reconcile` compares what the API wants with what runs and takes the next steps; the
 * agent sees to it that no two reconciliations of a pod overlap.
 */
export class PodWorker {
  private readonly options: PodWorkerOptions;
  private readonly records: ContainerRecord[];
  private readonly volumes: PodVolumes;
  private readonly statusWriter: StatusWriter;
  private readonly starter: ContainerStarter;
  private readonly probes = new Map<ContainerRecord, ContainerProbes>();
  private pod: Pod;
  /** True when the API no longer has the pod. */
  private isGone = false;
  private sandbox: Sandbox | undefined;
  private mounted: MountedVolumes | undefined;
  private areVolumesStale = false;
  /** True when nothing of the pod is left on the node. */
  isFinished = false;

  constructor(options: PodWorkerOptions) {
    const { context, pod, sandboxes } = options;
    this.options = options;
    this.pod = pod;
    this.records = newRecords(pod);
    this.volumes = new PodVolumes(context, sandboxes.directoryOf(pod.metadata.uid ?? ''));
    this.statusWriter = new StatusWriter(context);
    this.starter = new ContainerStarter(context);
  }

  get object(): Pod {
    return this.pod;
  }

  get containers(): readonly ContainerRecord[] {
    return this.records;
  }

  get podIPs(): readonly string[] {
    return this.sandbox?.podIPs ?? [];
  }

  /** Pin of the pod's network namespace, once it has one. */
  get netns(): string | undefined {
    return this.sandbox?.namespaces.net;
  }

  /** Takes over what outlived the last daemon: the sandbox and the containers in it. */
  adopt(containers: readonly RuntimeStatus[]): void {
    this.sandbox = this.options.sandboxes.adopt(this.pod);
    adoptRecords(this.pod, this.records, containers);
    for (const record of this.records) {
      if (isRunning(record)) this.startProbes(record, true);
    }
  }

  /** The pod as the API has it now; undefined when it is gone. */
  update(pod: Pod | undefined): void {
    if (pod === undefined) this.isGone = true;
    else this.pod = pod;
    const { deletionTimestamp } = this.pod.metadata;
    if (pod === undefined || deletionTimestamp !== undefined) this.hurry();
    this.options.wake();
  }

  /** A deletion with less grace overtakes one under way. */
  private hurry(): void {
    const { context } = this.options;
    if (this.deadline() > context.clock.now()) return;
    for (const record of this.records) {
      if (record.current === undefined || !isRunning(record)) continue;
      context.runtime.stop(record.current.id, 0).catch((error: unknown) => {
        context.log(`cannot kill container ${record.container.name}: ${messageOf(error)}`);
      });
    }
  }

  /** A ConfigMap or Secret that the pod uses changed. */
  refreshVolumes(): void {
    this.areVolumesStale = true;
    this.options.wake();
  }

  containerExited(status: RuntimeStatus): void {
    const record = this.records.find(({ current }) => current?.id === status.id);
    if (record === undefined) return;
    const { context } = this.options;
    record.current = status;
    record.isStarted = false;
    record.isReady = false;
    this.probes.get(record)?.stop();
    this.probes.delete(record);
    Object.assign(record, afterExit(record, context.clock.now()));
    if (record.notBefore > context.clock.now()) this.tellBackOff(record);
    this.options.wake();
  }

  private tellBackOff(record: ContainerRecord): void {
    const { context } = this.options;
    const { name, namespace = 'default', uid = '' } = this.pod.metadata;
    const which = `restarting failed container ${record.container.name} in pod ${name}_${namespace}(${uid})`;
    const pause = Math.round((record.notBefore - (record.current?.finishedAt ?? 0)) / 1000);
    record.waiting = {
      reason: 'CrashLoopBackOff',
      message: `back-off ${pause}s restarting failed container=${record.container.name} pod=${name}_${namespace}(${uid})`,
    };
    context.events.event(this.pod, {
      type: 'Warning',
      reason: 'BackOff',
      message: `Back-off ${which}`,
      fieldPath: fieldPath(this.pod, record.container),
    });
  }

  /** One look at the pod. @returns when to look again. */
  async reconcile(): Promise<LookAgainAt> {
    if (this.isGone || this.pod.metadata.deletionTimestamp !== undefined) return this.terminate();
    if (isOver(this.pod, this.records)) return this.settle();
    if (!(await this.prepare())) {
      await this.writeStatus();
      return this.options.context.clock.now() + RETRY_MS;
    }
    const slow = this.options.context.clock.setTimer(SLOW_START_MS, () => {
      this.writeStatus().catch(() => this.options.wake());
    });
    const lookAgainAt = await this.step().finally(slow);
    await this.writeStatus();
    if (isOver(this.pod, this.records)) this.options.wake();
    return Math.min(lookAgainAt, this.mounted?.renewAt ?? NEVER);
  }

  /** Sandbox and volumes. @returns false when something is missing; an event says what. */
  private async prepare(): Promise<boolean> {
    const { context, sandboxes } = this.options;
    try {
      this.sandbox ??= await sandboxes.create(this.pod);
    } catch (error) {
      this.warn('FailedCreatePodSandBox', `Failed to create pod sandbox: ${messageOf(error)}`);
      return false;
    }
    const isDue = (this.mounted?.renewAt ?? 0) <= context.clock.now();
    if (this.mounted !== undefined && !this.areVolumesStale && !isDue) return true;
    try {
      this.areVolumesStale = false;
      this.mounted = await this.volumes.mount(this.pod, this.sandbox.podIPs);
      return true;
    } catch (error) {
      this.warn('FailedMount', `MountVolume.SetUp failed: ${messageOf(error)}`);
      return this.mounted !== undefined;
    }
  }

  private warn(reason: string, message: string): void {
    this.options.context.events.event(this.pod, { type: 'Warning', reason, message });
  }

  /** Ends what is condemned, starts what is due, until nothing is due any more. */
  private async step(): Promise<LookAgainAt> {
    const { context } = this.options;
    const { sandbox, mounted } = this;
    if (sandbox === undefined || mounted === undefined) return NEVER;
    const decision = decide(this.pod, this.records, context.clock.now());
    await Promise.all(decision.stop.map((record) => this.end(record)));
    await Promise.all(
      decision.start.map(async (record) => {
        await this.starter.start(record, { pod: this.pod, sandbox, volumes: mounted.paths });
        if (isRunning(record)) await this.started(record);
      }),
    );
    const next = decide(this.pod, this.records, context.clock.now());
    if (next.start.length > 0 || next.stop.length > 0) this.options.wake();
    return next.lookAgainAt;
  }

  private async end(record: ContainerRecord): Promise<void> {
    const grace = this.pod.spec.terminationGracePeriodSeconds ?? 30;
    const { context } = this.options;
    await endContainers(context, {
      pod: this.pod,
      records: [record],
      deadline: context.clock.now() + grace * 1000,
      targetOf: (one) => this.targetOf(one),
    });
  }

  private async started(record: ContainerRecord): Promise<void> {
    const { postStart } = record.container.lifecycle ?? {};
    if (postStart !== undefined) {
      const problem = await runHook(postStart, this.targetOf(record), 600_000);
      if (problem !== undefined) {
        this.warn('FailedPostStartHook', `PostStartHook failed: ${problem}`);
        record.isCondemned = true;
      }
    }
    this.startProbes(record, false);
  }

  private startProbes(record: ContainerRecord, isAdopted: boolean): void {
    const { context } = this.options;
    const event = { type: 'Warning' as const, fieldPath: fieldPath(this.pod, record.container) };
    const probes = new ContainerProbes({
      context,
      record,
      target: this.targetOf(record),
      listener: {
        changed: () => this.options.wake(),
        failed: (message) =>
          context.events.event(this.pod, { ...event, reason: 'Unhealthy', message }),
        condemned: (message) => {
          context.events.event(this.pod, { ...event, type: 'Normal', reason: 'Killing', message });
          this.options.wake();
        },
      },
    });
    this.probes.set(record, probes);
    probes.start(isAdopted);
  }

  private targetOf(record: ContainerRecord): ProbeTarget {
    const { context } = this.options;
    return {
      container: record.container,
      podIP: this.podIPs[0] ?? '',
      connect: (host, port) => connectFrom(context.kernel, context.netns, { host, port }),
      exec: (command, timeoutMs) =>
        context.runtime.execSync(record.current?.id ?? '', command, timeoutMs),
    };
  }

  private writeStatus(): Promise<void> {
    const { context } = this.options;
    return this.statusWriter.write(
      this.pod,
      podStatus({
        pod: this.pod,
        records: this.records,
        hostIPs: context.nodeIPs,
        podIPs: this.podIPs,
        hasSandbox: this.sandbox !== undefined,
        now: context.clock.now(),
      }),
    );
  }

  /** A pod whose containers are all done: the rest ends, its network goes, its logs stay. */
  private async settle(): Promise<LookAgainAt> {
    await Promise.all(this.records.filter(isRunning).map((record) => this.end(record)));
    await this.writeStatus();
    if (this.sandbox !== undefined) await this.options.sandboxes.remove(this.pod);
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
    const { context, sandboxes } = this.options;
    for (const probes of this.probes.values()) probes.keepReadinessOnly();
    if (!this.isGone && this.records.some(isRunning)) await context.drained(this.pod);
    await endContainers(context, {
      pod: this.pod,
      records: this.records,
      deadline: this.deadline(),
      targetOf: (record) => this.targetOf(record),
    });
    for (const probes of this.probes.values()) probes.stop();
    if (!this.isGone) await this.writeStatus();
    for (const { current, previous } of this.records) {
      if (current !== undefined) await context.runtime.remove(current.id);
      if (previous !== undefined) await context.runtime.remove(previous.id);
    }
    await sandboxes.remove(this.pod);
    await this.volumes.remove(this.pod);
    await rm(dirname(dirname(logPath(context.paths.logs, this.pod, 'any', 0))), {
      recursive: true,
      force: true,
    });
    this.isFinished = true;
    if (!this.isGone) await this.forget();
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

  /** The daemon ends: probes stop, containers go on. */
  close(): void {
    for (const probes of this.probes.values()) probes.stop();
  }
}
