import { messageOf } from '../../fault/index.ts';
import { openCriLog, type CriLog } from '../cri-log.ts';
import type { Ending } from '../oci/record.ts';
import type {
  ContainerSpec,
  ContainerStatus,
  InProcessProgram,
  InProcessWork,
  StandInPort,
} from '../runtime.ts';
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
  /** By the image that they take the place of. */
  readonly programs: ReadonlyMap<string, InProcessProgram>;
}

/** A client that keeps its connection open does not keep the stand-in. */
const LONGEST_ANSWER_MS = 1000;

const IN_PROCESS = 'in-process://';

function programOf(
  { programs }: StandInServices,
  { image: { id } }: ContainerSpec,
): InProcessProgram | undefined {
  return id.startsWith(IN_PROCESS) ? programs.get(id.slice(IN_PROCESS.length)) : undefined;
}

const keyOf = ({ port, protocol }: StandInPort): string => `${port}/${protocol}`;

/** One stand-in: a container without a process, whose servers listen in the pod's network namespace. */
export class StandInContainer {
  readonly spec: ContainerSpec;
  readonly #services: StandInServices;
  readonly #listeners = new Map<string, Listener>();
  readonly #startedAt: number;
  #log: CriLog | undefined;
  /** What answers in the place of the listeners, when this process does the work of the image. */
  #work: InProcessWork | undefined;
  #ending: Ending | undefined;
  /** Changes of ports follow each other: two at a time could open one port twice. */
  #changes: Promise<unknown> = Promise.resolve();

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
    const program = programOf(this.#services, this.spec);
    try {
      if (program === undefined) await this.#answerOn(ports);
      else this.#work = await program({ netns: this.spec.namespaces.net, log: this.#write });
    } catch (error) {
      this.#close();
      throw error;
    }
  }

  async #answerOn(ports: readonly StandInPort[]): Promise<void> {
    await this.#inTurn(ports);
    this.#write(
      `stand-in for ${this.spec.image.reference}: no such image here; ${this.#answering('no port yet')}`,
    );
  }

  #answering(nowhere: string): string {
    const answers = this.#ports().map(keyOf).join(', ');
    return `answering on ${answers === '' ? nowhere : answers}`;
  }

  /** Answers on these ports and no others. @returns whether that changes anything */
  async setPorts(ports: readonly StandInPort[]): Promise<boolean> {
    const isChange = await this.#inTurn(ports);
    if (isChange) this.#write(this.#answering('no port any more'));
    return isChange;
  }

  #inTurn(ports: readonly StandInPort[]): Promise<boolean> {
    const change = this.#changes.then(() => this.#change(ports));
    // A failed change is told to the one who asked for it, and does not hold up the next.
    this.#changes = change.catch(() => undefined);
    return change;
  }

  /** The exit code of work that ends by itself; undefined for what goes on until it is stopped. */
  get exited(): Promise<number> | undefined {
    return this.#work?.exited;
  }

  /** Resolves when nobody is being answered: within the grace, of which a second is enough for a page. */
  async idle(graceMs: number): Promise<void> {
    await this.#work?.drain(graceMs);
    const limitMs = Math.min(graceMs, LONGEST_ANSWER_MS);
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

  async #change(ports: readonly StandInPort[]): Promise<boolean> {
    const wanted = new Map(ports.map((port) => [keyOf(port), port]));
    const added = [...wanted].filter(([key]) => !this.#listeners.has(key));
    // As many as there are, and none that is not there: the same.
    if (added.length === 0 && wanted.size === this.#listeners.size) return false;
    const opened: Listener[] = [];
    try {
      for (const [, port] of added) opened.push(await listen(this.#listenOptions(), port));
    } catch (error) {
      for (const listener of opened) listener.close();
      throw error;
    }
    if (this.#log === undefined) {
      // It was closed while its ports were being opened.
      for (const listener of opened) listener.close();
      return false;
    }
    for (const listener of opened) this.#listeners.set(keyOf(listener.port), listener);
    for (const [key, listener] of this.#listeners) {
      if (wanted.has(key)) continue;
      listener.close();
      this.#listeners.delete(key);
    }
    return true;
  }

  #listenOptions(): ListenOptions {
    const { kernel, pages } = this.#services;
    const { namespaces, image, hostname, id } = this.spec;
    const unknown = { pod: hostname, namespace: '', node: '', podIPs: [], container: id };
    const identity = this.spec.standIn?.identity ?? { ...unknown, image: image.reference };
    return { kernel, pages, namespace: namespaces.net, identity, log: this.#write };
  }

  readonly #write = (text: string): void => this.#log?.write(text);

  #ports(): StandInPort[] {
    return [...this.#listeners.values()].map(({ port }) => port);
  }

  #close(): void {
    for (const listener of this.#listeners.values()) listener.close();
    this.#listeners.clear();
    void endWork(this.#work, this.#log);
    this.#work = undefined;
    this.#log = undefined;
  }
}

/** The log stays open until the work is over: what goes wrong at its end is said there. */
async function endWork(work: InProcessWork | undefined, log: CriLog | undefined): Promise<void> {
  try {
    await work?.close();
  } catch (error) {
    log?.write(`did not end as it should: ${messageOf(error)}`);
  } finally {
    log?.close();
  }
}
