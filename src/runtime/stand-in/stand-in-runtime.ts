import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { Fault, messageOf } from '../../fault/index.ts';
import type { Ending } from '../oci/record.ts';
import type { ContainerSpec, ContainerStatus, ContainerStreams, StandInPort } from '../runtime.ts';
import { readState, writeState } from '../state-file.ts';
import {
  StandInContainer,
  type StandInRecord,
  type StandInServices,
} from './stand-in-container.ts';

/** Exit code of a stand-in that could not be taken over: the pod's namespace is gone, or its port. */
const lostExitCode = 255;

/**
 * Containers for images that are not here. They live in this process; their records are on disk, and a new runtime
 * over the same directory opens their ports again.
 */
export class StandInRuntime {
  readonly #directory: string;
  readonly #services: StandInServices;
  readonly #onExit: (status: ContainerStatus) => void;
  readonly #containers = new Map<string, StandInContainer>();

  constructor(
    options: StandInServices & { readonly directory: string },
    onExit: (status: ContainerStatus) => void,
  ) {
    mkdirSync(options.directory, { recursive: true, mode: 0o700 });
    this.#directory = options.directory;
    this.#services = options;
    this.#onExit = onExit;
  }

  /** Opens the ports of an earlier process's stand-ins again; what cannot be opened has exited. */
  async adopt(): Promise<void> {
    for (const file of readdirSync(this.#directory)) {
      if (!file.endsWith('.json')) continue;
      const record = readState(join(this.#directory, file)) as StandInRecord | undefined;
      if (record === undefined) continue;
      const container = new StandInContainer(this.#services, record);
      this.#containers.set(record.spec.id, container);
      if (record.ending === undefined) await this.#resume(container, record);
    }
  }

  has(id: string): boolean {
    return this.#containers.has(id);
  }

  /** The spec of a running stand-in. @throws Fault `CONTAINER_NOT_RUNNING` */
  specOf(id: string): ContainerSpec {
    const container = this.#get(id);
    if (container.isRunning) return container.spec;
    throw new Fault({
      code: 'CONTAINER_NOT_RUNNING',
      message: `container ${id} is not running`,
      advice: 'Wait until it is started again.',
    });
  }

  list(): ContainerStatus[] {
    return [...this.#containers.values()].map((container) => container.status());
  }

  async run(spec: ContainerSpec): Promise<ContainerStatus> {
    const container = new StandInContainer(this.#services, { spec, startedAt: Date.now() });
    await container.start(spec.standIn?.ports ?? []);
    this.#containers.set(spec.id, container);
    this.#save(container);
    this.#awaitExit(container);
    return container.status();
  }

  async updatePorts(id: string, ports: readonly StandInPort[]): Promise<void> {
    const container = this.#get(id);
    if (!container.isRunning) return;
    if (await container.setPorts(ports)) this.#save(container);
  }

  /** A stand-in has no process to talk to: says so and ends. */
  async attach(id: string, streams: ContainerStreams): Promise<void> {
    const { image } = this.specOf(id);
    streams.stderr?.write(
      `this is a stand-in for ${image.reference}: it has no output to attach to\n`,
    );
  }

  /** When those who are being answered have been, within the grace. */
  async stop(id: string, graceSeconds: number): Promise<ContainerStatus> {
    const container = this.#get(id);
    if (container.isRunning && graceSeconds > 0) {
      await container.idle(graceSeconds * 1000);
    }
    if (container.isRunning) {
      this.#end(container, { exitCode: 0, finishedAt: Date.now(), reason: 'Completed' });
    }
    return container.status();
  }

  remove(id: string): void {
    const container = this.#containers.get(id);
    if (container === undefined) return;
    if (container.isRunning) container.release();
    this.#containers.delete(id);
    rmSync(this.#recordOf(id), { force: true });
  }

  /** Gives the ports up; the records stay for the next process. */
  close(): void {
    for (const container of this.#containers.values()) container.release();
  }

  async #resume(container: StandInContainer, record: StandInRecord): Promise<void> {
    try {
      await container.start(record.ports);
      this.#awaitExit(container);
    } catch (error) {
      const message = `could not be taken over: ${messageOf(error)}`;
      this.#end(container, {
        exitCode: lostExitCode,
        finishedAt: Date.now(),
        reason: 'Error',
        message,
      });
    }
  }

  #awaitExit(container: StandInContainer): void {
    void container.exited?.then(async (exitCode) => {
      // Whoever runs it hears first that it runs: an end in the same turn would find nobody.
      await setImmediate();
      const reason = exitCode === 0 ? 'Completed' : 'Error';
      if (container.isRunning) this.#end(container, { exitCode, finishedAt: Date.now(), reason });
      return exitCode;
    });
  }

  #end(container: StandInContainer, ending: Ending): void {
    container.end(ending);
    this.#save(container);
    this.#onExit(container.status());
  }

  #get(id: string): StandInContainer {
    const container = this.#containers.get(id);
    if (container !== undefined) return container;
    throw new Fault({ code: 'CONTAINER_NOT_FOUND', message: `there is no container ${id}` });
  }

  #save(container: StandInContainer): void {
    writeState(this.#recordOf(container.spec.id), container.record);
  }

  #recordOf(id: string): string {
    return join(this.#directory, `${id}.json`);
  }
}
