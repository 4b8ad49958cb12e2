import type { Kernel } from '../../kernel/index.ts';
import { TextPages } from '../../metrics/index.ts';
import type { RouteTable } from '../../routes/index.ts';
import type { AccessRecord, EngineOptions, IngressEngine } from '../engine.ts';
import { accessLine } from './access-log.ts';
import { IngressMetrics } from './ingress-metrics.ts';

/** Where health and metrics are, as in ingress-nginx. */
const PAGES_PORT = 10_254;
const HTTP_PORT = 80;
const HTTPS_PORT = 443;

/** The container of a controller pod, as its runtime knows it. */
export interface IngressContainer {
  /** Pin of its network namespace. */
  readonly netns: string;
  /** Writes a line of its log. */
  readonly log: (text: string) => void;
}

export interface ContainerOptions {
  readonly kernel: Kernel;
  readonly startEngine: (options: EngineOptions) => Promise<IngressEngine>;
}

/** What runs inside one container of the controller's Deployment: an engine, its log, its health and its metrics. */
export class ControllerContainer {
  private readonly container: IngressContainer;
  private readonly metrics = new IngressMetrics();
  private engine: IngressEngine | undefined;
  private pages: TextPages | undefined;
  private table: RouteTable | undefined;

  /** Listens; not ready before its first table. @throws Fault, KernelError with nothing left open */
  static async start(
    container: IngressContainer,
    options: ContainerOptions,
  ): Promise<ControllerContainer> {
    const made = new ControllerContainer(container);
    try {
      await made.open(options);
    } catch (error) {
      await made.close();
      throw error;
    }
    return made;
  }

  private constructor(container: IngressContainer) {
    this.container = container;
  }

  private async open({ kernel, startEngine }: ContainerOptions): Promise<void> {
    const { netns, log } = this.container;
    this.engine = await startEngine({
      place: { netns, httpPort: HTTP_PORT, httpsPort: HTTPS_PORT },
      onAccess: (records) => this.tell(records),
      log: (text) => log(`E ${text}`),
    });
    const fd = kernel.listenTcp(netns, { address: '::', port: PAGES_PORT });
    this.pages = await TextPages.start(fd, {
      '/healthz': () =>
        this.table === undefined || this.engine === undefined
          ? { status: 503, text: 'not ready' }
          : { status: 200, text: 'ok' },
      '/metrics': () => ({
        status: 200,
        text: this.engine === undefined ? '' : this.metrics.text(this.engine),
      }),
    });
    log(`I listening at ports ${HTTP_PORT} and ${HTTPS_PORT}`);
  }

  /** Resolves when requests are answered by this table. */
  async apply(table: RouteTable): Promise<void> {
    try {
      await this.engine?.apply(table);
      this.metrics.applied(true);
    } catch (error) {
      this.metrics.applied(false);
      throw error;
    }
    this.table = table;
  }

  say(text: string): void {
    this.container.log(text);
  }

  private tell(records: readonly AccessRecord[]): void {
    for (const record of records) this.container.log(accessLine(record));
    if (this.table !== undefined) this.metrics.count(records, this.table);
  }

  /** Takes no new requests, and lets those under way end. */
  async drain(graceMs: number): Promise<void> {
    const { engine } = this;
    this.engine = undefined;
    await engine?.close(graceMs);
  }

  async close(): Promise<void> {
    await this.pages?.close();
    await this.drain(0);
  }
}
