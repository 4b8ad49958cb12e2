import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { Fault, messageOf } from '../../fault/index.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import { createLimiter, type Limiter } from '../limiter.ts';
import { identify, isAlive, signalProcess, waitUntilGone } from '../process-identity.ts';
import type { ContainerSpec, ContainerStatus, ContainerStreams } from '../runtime.ts';
import { attachContainer } from './attach.ts';
import { wasOutOfMemory } from './cgroups.ts';
import type { Machine } from './config.ts';
import { cannotRun, createWithConmon } from './conmon.ts';
import { OciContainer } from './container.ts';
import { execInContainer, execToEnd, type ExecResult, type ExecTarget } from './exec.ts';
import { watchExits, type ExitDirectory } from './exit-watch.ts';
import { bundleOf, type Layout } from './layout.ts';
import { readPid, readRecord } from './record.ts';
import { PodCgroups } from './pod-cgroups.ts';
import { prepareContainer } from './prepare.ts';
import { createRunc, type Runc } from './runc.ts';
import { signalNumber } from './signals.ts';
import { killAll, processesOfBundle } from './strays.ts';

interface OciRuntimeOptions {
  readonly layout: Layout;
  readonly kernel: Kernel;
  /** Name of the cluster's own cgroup, below each hierarchy's root. */
  readonly cgroupRoot: string;
  readonly machine: Machine;
  readonly parallelStarts: number;
  readonly logSizeBytes: number;
}

/** Exit code that stands for SIGKILL, when nobody was left to see how a container ended. */
const killedExitCode = 137;

/** Containers under runc and conmon. conmon outlives this process; a new runtime over the same layout adopts. */
export class OciRuntime {
  readonly #options: OciRuntimeOptions;
  readonly #runc: Runc;
  readonly #limit: Limiter;
  readonly #containers = new Map<string, OciContainer>();
  readonly #podCgroups: PodCgroups;
  readonly #exits: ExitDirectory;
  readonly #onExit: (status: ContainerStatus) => void;

  constructor(options: OciRuntimeOptions, onExit: (status: ContainerStatus) => void) {
    const { layout, machine } = options;
    // Of commands whose client went with the earlier process.
    rmSync(layout.execs, { recursive: true, force: true });
    for (const path of [layout.containers, layout.exits, layout.runcState, layout.execs]) {
      mkdirSync(path, { recursive: true, mode: 0o700 });
    }
    this.#options = options;
    this.#onExit = onExit;
    this.#limit = createLimiter(options.parallelStarts);
    this.#podCgroups = new PodCgroups(machine.cgroups);
    this.#runc = createRunc({
      state: layout.runcState,
      isRootless: machine.cgroups.version === 'none',
    });
    // Watching begins before the records are read: an exit in between is seen twice, never missed.
    this.#exits = watchExits(layout.exits, (id) => this.#settle(id));
  }

  /** Takes over what an earlier process started, and removes what it only began. */
  async adopt(): Promise<void> {
    const { layout } = this.#options;
    for (const id of readdirSync(layout.containers)) {
      const bundle = bundleOf(layout, id);
      const record = readRecord(bundle);
      if (record?.startedAt === undefined) {
        await this.#discard(id);
        continue;
      }
      const container = new OciContainer(bundle, record);
      this.#containers.set(id, container);
      this.#podCgroups.use(record.cgroup);
      this.#settle(id);
      if (container.isRunning) this.#endIfAbandoned(container);
    }
  }

  has(id: string): boolean {
    return this.#containers.has(id);
  }

  list(): ContainerStatus[] {
    return [...this.#containers.values()].map((container) => container.status());
  }

  run(spec: ContainerSpec): Promise<ContainerStatus> {
    return this.#limit(async () => {
      try {
        const container = this.#prepare(spec);
        await this.#start(container, spec);
        this.#settle(spec.id);
        return container.status();
      } catch (error) {
        const isTold = error instanceof Fault && error.code === 'CONTAINER_CANNOT_RUN';
        throw isTold ? error : cannotRun(messageOf(error), error);
      }
    });
  }

  async stop(id: string, graceSeconds: number): Promise<ContainerStatus> {
    const container = this.#get(id);
    const { init, stopSignal } = container.record;
    if (container.isRunning && init !== undefined) {
      if (graceSeconds > 0) {
        signalProcess(init, signalNumber(stopSignal));
        await settledWithin(container.exited, graceSeconds);
      }
      if (container.isRunning) await this.#kill(container);
    }
    return container.status();
  }

  async remove(id: string): Promise<void> {
    const container = this.#containers.get(id);
    if (container === undefined) return;
    if (container.isRunning) {
      throw new Fault({
        code: 'CONTAINER_RUNNING',
        message: `container ${id} is running`,
        advice: 'Stop it before it is removed.',
      });
    }
    this.#containers.delete(id);
    await this.#dispose(container);
  }

  exec(id: string, command: readonly string[], streams: ContainerStreams): Promise<number> {
    this.#getRunning(id);
    return execInContainer(this.#execTarget(id, command), streams);
  }

  execSync(id: string, command: readonly string[], timeoutMs: number): Promise<ExecResult> {
    this.#getRunning(id);
    return execToEnd(this.#execTarget(id, command), timeoutMs);
  }

  attach(id: string, streams: ContainerStreams): Promise<void> {
    const { bundle, record } = this.#getRunning(id);
    return attachContainer({ bundle, tty: record.tty, stdin: record.stdin }, streams);
  }

  close(): void {
    this.#exits.close();
  }

  #execTarget(id: string, command: readonly string[]): ExecTarget {
    return { runc: this.#runc, directory: this.#options.layout.execs, id, command };
  }

  #get(id: string): OciContainer {
    const container = this.#containers.get(id);
    if (container !== undefined) return container;
    throw new Fault({ code: 'CONTAINER_NOT_FOUND', message: `there is no container ${id}` });
  }

  #getRunning(id: string): OciContainer {
    const container = this.#get(id);
    if (container.isRunning) return container;
    throw new Fault({
      code: 'CONTAINER_NOT_RUNNING',
      message: `container ${id} is not running`,
      advice: 'Wait until it is started again.',
    });
  }

  #prepare(spec: ContainerSpec): OciContainer {
    const container = prepareContainer(this.#options, spec);
    this.#containers.set(spec.id, container);
    this.#podCgroups.use(container.record.cgroup);
    return container;
  }

  /** Starts what was prepared, or takes it back. */
  async #start(container: OciContainer, spec: ContainerSpec): Promise<void> {
    try {
      await this.#create(container, spec);
      // Taken before: a short-lived container may have ended when runc returns.
      const startedAt = Date.now();
      await this.#runc.run('start', spec.id);
      container.update({ startedAt });
    } catch (error) {
      await this.#undo(container);
      throw error;
    }
  }

  async #create(container: OciContainer, spec: ContainerSpec): Promise<void> {
    const { layout, logSizeBytes } = this.#options;
    const { bundle } = container;
    const pid = await createWithConmon({
      id: spec.id,
      bundle,
      exits: layout.exits,
      runc: this.#runc,
      logSizeBytes,
      logPath: spec.logPath === '' ? bundle.log : spec.logPath,
      tty: spec.tty,
      stdin: spec.stdin,
      stdinOnce: spec.stdinOnce,
    });
    const init = identify(pid);
    const conmon = readPid(bundle.conmonPid);
    container.update({
      ...(init === undefined ? {} : { init }),
      ...(conmon === undefined ? {} : { conmon }),
    });
  }

  /** Records the end of a container when conmon has told it. While it is being started, `run` looks itself. */
  #settle(id: string): void {
    const container = this.#containers.get(id);
    if (container === undefined || !container.isRunning) return;
    const exit = this.#exits.read(id);
    if (exit === undefined) return;
    const isOom = wasOutOfMemory(this.#options.machine.cgroups, container.record.cgroup);
    const ordinary = exit.exitCode === 0 ? 'Completed' : 'Error';
    container.end({ ...exit, reason: isOom ? 'OOMKilled' : ordinary });
    this.#exits.forget(id);
    this.#onExit(container.status());
  }

  /** A container whose conmon was killed too has nobody who could tell its exit code. */
  #endIfAbandoned(container: OciContainer): void {
    const { init, conmon } = container.record;
    if (init !== undefined && isAlive(init)) return;
    if (conmon !== undefined && isAlive(conmon)) return;
    this.#settle(container.record.id);
    if (!container.isRunning) return;
    const message = 'ended while nothing supervised it: its exit code is not known';
    container.end({
      exitCode: killedExitCode,
      finishedAt: Date.now(),
      reason: 'Error',
      message,
    });
    this.#onExit(container.status());
  }

  async #kill(container: OciContainer): Promise<void> {
    const { init, conmon } = container.record;
    if (init !== undefined) {
      signalProcess(init, 'SIGKILL');
      await waitUntilGone([init]);
    }
    if (conmon === undefined || !isAlive(conmon)) this.#endIfAbandoned(container);
    await container.exited;
  }

  /** Takes back a start that failed half way. */
  async #undo(container: OciContainer): Promise<void> {
    this.#containers.delete(container.record.id);
    await killAll(() => processesOfBundle(container.bundle, this.#options.machine.cgroups));
    await this.#dispose(container);
  }

  async #discard(id: string): Promise<void> {
    const bundle = bundleOf(this.#options.layout, id);
    const record = readRecord(bundle);
    if (record === undefined) {
      rmSync(bundle.directory, { recursive: true, force: true });
      return;
    }
    this.#podCgroups.use(record.cgroup);
    await this.#undo(new OciContainer(bundle, record));
  }

  async #dispose({ bundle, record }: OciContainer): Promise<void> {
    await this.#runc.run('delete', '--force', record.id);
    this.#options.kernel.unmount(bundle.rootfs);
    this.#exits.forget(record.id);
    await rm(bundle.directory, { recursive: true, force: true });
    this.#podCgroups.leave(record.cgroup);
  }
}

/** setTimeout takes 31 bits of milliseconds. */
const longestTimerMs = 0x7fffffff;

async function settledWithin(promise: Promise<void>, seconds: number): Promise<void> {
  const { promise: timeout, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, Math.min(seconds * 1000, longestTimerMs));
  await Promise.race([promise, timeout]);
  clearTimeout(timer);
}
