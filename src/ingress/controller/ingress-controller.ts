import type { Client, EventRecorder, InformerSet } from '../../client/index.ts';
import { CoalescingRunner, type Clock } from '../../clock/index.ts';
import { messageOf } from '../../fault/index.ts';
import {
  RouteCompiler,
  type ControllerSettings,
  type RouteCompilation,
} from '../../routes/index.ts';
import {
  ControllerContainer,
  type ContainerOptions,
  type IngressContainer,
} from './controller-container.ts';
import { FindingEvents } from './finding-events.ts';
import { LiveWorld } from './live-world.ts';
import { StatusWriter } from './status-writer.ts';

/** Between two tables: a burst of changes is one, and nobody waits long. */
const PAUSE_MS = 5;

export interface IngressControllerOptions extends ContainerOptions {
  readonly clock: Clock;
  readonly client: Client;
  readonly informers: InformerSet;
  readonly events: EventRecorder;
  readonly settings: ControllerSettings;
  /** Where clients find the controller at this moment: what Ingresses get as address. */
  readonly addresses: () => readonly string[];
}

/** What a runtime asks of a container's work. */
export interface ServedContainer {
  /** It is to end: resolves when requests under way have ended, at most after `graceMs`. */
  drain(graceMs: number): Promise<void>;
  close(): Promise<void>;
}

/**
 * The ingress controller: follows the cluster, keeps the engine of every container of its Deployment at what Ingresses say,
 * and tells authors by status, once routes answer, and by Events.
 */
export class IngressController {
  private readonly options: IngressControllerOptions;
  private readonly compiler: RouteCompiler;
  private readonly findings: FindingEvents;
  private readonly status: StatusWriter;
  private readonly runner: CoalescingRunner;
  private readonly containers = new Set<ControllerContainer>();
  /** Made when the first container starts: a cluster without a controller follows nothing. */
  private world: LiveWorld | undefined;
  private compiled: RouteCompilation | undefined;

  constructor(options: IngressControllerOptions) {
    this.options = options;
    this.compiler = new RouteCompiler(options.settings);
    this.findings = new FindingEvents(options.events);
    this.status = new StatusWriter(options.client);
    this.runner = new CoalescingRunner({
      clock: options.clock,
      minIntervalMs: PAUSE_MS,
      run: () => this.sync(),
      onError: (error) => this.say(`E the routes could not be taken on: ${messageOf(error)}`),
    });
  }

  /** Serves in a container; resolves when it answers by what Ingresses say now. @throws Fault, KernelError */
  async serve(container: IngressContainer): Promise<ServedContainer> {
    const served = await ControllerContainer.start(container, this.options);
    this.containers.add(served);
    this.world ??= new LiveWorld(this.options.informers, () => this.runner.request());
    await this.runner.settled();
    return {
      drain: async (graceMs) => {
        await this.leave(served);
        await served.drain(graceMs);
      },
      close: async () => {
        this.containers.delete(served);
        await served.close();
      },
    };
  }

  /** Something that is no object of the cluster changed: where clients find the controller. */
  addressesChanged(): void {
    if (this.containers.size > 0) this.runner.request();
  }

  /** What the engines answer by; undefined before the first container. */
  compilation(): RouteCompilation | undefined {
    return this.compiled;
  }

  private async sync(): Promise<void> {
    const { world } = this;
    if (world === undefined || this.containers.size === 0) return;
    await world.synced;
    const compiled = this.compiler.compile(world);
    await Promise.all(Array.from(this.containers, (one) => one.apply(compiled.table)));
    this.compiled = compiled;
    this.findings.tell(world.ingresses, compiled.own, compiled.findings);
    // Only now: whoever reads the address may ask at once.
    await this.status.write(world.ingresses, compiled.own, this.options.addresses());
  }

  /** With the last container that ends in an orderly way the addresses go: nobody answers there any more. */
  private async leave(served: ControllerContainer): Promise<void> {
    this.containers.delete(served);
    const { world, compiled } = this;
    if (this.containers.size > 0 || world === undefined || compiled === undefined) return;
    await this.status.write(world.ingresses, compiled.own, []);
  }

  private say(text: string): void {
    for (const one of this.containers) one.say(text);
  }

  /** Ends all containers' work; Ingresses keep their status. */
  async close(): Promise<void> {
    this.runner.close();
    await Promise.all(Array.from(this.containers, (one) => one.close()));
    this.containers.clear();
  }
}
