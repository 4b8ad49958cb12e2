import { openCriLog, type CriLog } from '../cri-log.ts';
import type { Ending } from '../oci/record.ts';
import type { ContainerSpec, ContainerStatus, StandInPort } from '../runtime.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import { listen, type Listener, type ListenOptions } from './listeners.ts';
import type { Pages } from './pages.ts';

/** What a stand-in needs to be run again after a restart of the daemon. */
export interface StandInRecord {
  readonly spec: ContainerSpec;
  readonly ports: readonly StandInPort[];
  readonly startedAt: number;
  readonly ending?: Ending;
}

export interface StandInServices {
  readonly kernel: Kernel;
  readonly pages: Pages;
  readonly logSizeBytes: number;
}

const keyOf = ({ port, protocol }: StandInPort): string => `${port}/${protocol}`;

/** One stand-in: a container without a process, whose servers listen in the pod's network namespace. */
export class StandInContainer {
  readonly spec: ContainerSpec;
  readonly #services: StandInServices;
  readonly #listeners = new Map<string, Listener>();
  readonly #startedAt: number;
  #log: CriLog | undefined;
  #ending: Ending | undefined;
  /** Changes of ports follow each other: two at a time could open one port twice. */
  #changes: Promise<void> = Promise.resolve();

  constructor(services: StandInServices, record: Omit<StandInRecord, 'ports'>) {
    this.spec = record.spec;
    this.#services = services;
    this.#startedAt = record.startedAt;
    this.#ending = record.ending;
  }

  get isRunning(): boolean {
    return this.#ending === undefined;
  }

  get record(): StandInRecord {
    return {
      spec: this.spec,
      ports: this.#ports(),
      startedAt: this.#startedAt,
      ...(this.#ending === undefined ? {} : { ending: this.#ending }),
    };
  }

  /** Begins to answer; closes again what it opened when one port cannot be had. */
  async start(ports: readonly StandInPort[]): Promise<void> {
    this.#log = openCriLog(this.spec.logPath, this.#services.logSizeBytes);
    try {
      await this.setPorts(ports);
    } catch (error) {
      this.#close();
      throw error;
    }
    const answers = this.#ports().map(keyOf).join(', ');
    this.#log.write(
      `stand-in for ${this.spec.image.reference}: no such image here; answering on ${answers === '' ? 'no port yet' : answers}`,
    );
  }

  setPorts(ports: readonly StandInPort[]): Promise<void> {
    const change = this.#changes.then(() => this.#change(ports));
    // A failed change is told to the one who asked for it, and does not hold up the next.
    this.#changes = change.catch(() => undefined);
    return change;
  }

  /** Resolves when nobody is being answered, or after `limitMs`. */
  async idle(limitMs: number): Promise<void> {
    await Promise.all([...this.#listeners.values()].map((listener) => listener.idle(limitMs)));
  }

  end(ending: Ending): void {
    this.#close();
    this.#ending = ending;
  }

  /** Stops answering, without an end: another process will take over. */
  release(): void {
    this.#close();
  }

  status(): ContainerStatus {
    const { id, labels, image } = this.spec;
    const common = { id, labels, imageId: image.id, startedAt: this.#startedAt };
    return this.#ending === undefined
      ? { ...common, state: 'running' }
      : { ...common, state: 'exited', ...this.#ending };
  }

  async #change(ports: readonly StandInPort[]): Promise<void> {
    const wanted = new Map(ports.map((port) => [keyOf(port), port]));
    const added = [...wanted].filter(([key]) => !this.#listeners.has(key));
    const opened: Listener[] = [];
    try {
      for (const [, port] of added) opened.push(await listen(this.#listenOptions(), port));
    } catch (error) {
      for (const listener of opened) listener.close();
      throw error;
    }
    for (const listener of opened) this.#listeners.set(keyOf(listener.port), listener);
    for (const [key, listener] of this.#listeners) {
      if (wanted.has(key)) continue;
      listener.close();
      this.#listeners.delete(key);
    }
  }

  #listenOptions(): ListenOptions {
    const { kernel, pages } = this.#services;
    const { namespaces, image, hostname, id } = this.spec;
    const unknown = { pod: hostname, namespace: '', node: '', podIPs: [], container: id };
    const identity = this.spec.standIn?.identity ?? { ...unknown, image: image.reference };
    const log = (text: string): void => this.#log?.write(text);
    return { kernel, pages, namespace: namespaces.net, identity, log };
  }

  #ports(): StandInPort[] {
    return [...this.#listeners.values()].map(({ port }) => port);
  }

  #close(): void {
    for (const listener of this.#listeners.values()) listener.close();
    this.#listeners.clear();
    this.#log?.close();
    this.#log = undefined;
  }
}
