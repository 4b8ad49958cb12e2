import { messageOf } from '../../fault/index.ts';
import type { NamesConfig } from '../../names/index.ts';
import { listenAt, type Closable, type PlaceOptions } from '../node/place.ts';
import { TextPages } from '../../metrics/index.ts';
import { banner } from './banner.ts';
import { lameduckOf, pagesOf, type ServerState } from './pages.ts';

export interface ContainerServerOptions extends PlaceOptions {
  /** Writes what `kubectl logs` of the container shows. */
  readonly say: (text: string) => void;
  readonly state: Omit<ServerState, 'isEnding'>;
  readonly onClose: () => void;
}

/** Serves DNS, metrics and health inside one container of the `coredns` Deployment: whoever asks a pod itself finds them. */
export class ContainerServer {
  private readonly options: ContainerServerOptions;
  private servers: readonly Closable[] = [];
  private readonly pages = new Map<number, TextPages>();
  private isEnding = false;
  private closed: Promise<void> | undefined;
  /** Changes of ports follow each other. */
  private changes: Promise<void> = Promise.resolve();

  private constructor(options: ContainerServerOptions) {
    this.options = options;
  }

  /** Listens in the container's namespace. @throws KernelError, e.g. EADDRINUSE, with nothing left open */
  static async start(options: ContainerServerOptions): Promise<ContainerServer> {
    const server = new ContainerServer(options);
    const { config } = options.engine.active.judge;
    try {
      server.servers = await listenAt(options, '::');
      await server.openPages(config);
    } catch (error) {
      await server.close();
      throw error;
    }
    for (const line of banner(config)) options.say(line);
    return server;
  }

  /** Moves the pages to the ports of another configuration. */
  use(config: NamesConfig): Promise<void> {
    this.changes = this.changes.then(() => this.movePages(config));
    return this.changes;
  }

  /**
   * Goes on answering for as long as `lameduck` wants, not ready any more. A grace that is too short for it means that
   * all ends at once: then nobody is left whom waiting would help.
   */
  async drain(graceMs: number): Promise<void> {
    const { clock, engine } = this.options;
    this.isEnding = true;
    this.options.say('[INFO] SIGTERM: Shutting down servers then terminating');
    const lameduckMs = lameduckOf(engine.active.judge.config);
    if (lameduckMs === 0 || lameduckMs > graceMs) return;
    this.options.say(`[INFO] plugin/health: Going into lameduck mode for ${lameduckMs / 1000}s`);
    await new Promise<void>((resolve) => {
      clock.setTimer(lameduckMs, resolve);
    });
  }

  close(): Promise<void> {
    this.closed ??= this.closeAll();
    return this.closed;
  }

  private async closeAll(): Promise<void> {
    this.options.onClose();
    const pages = [...this.pages.values()];
    this.pages.clear();
    await Promise.all([...this.servers, ...pages].map((server) => server.close()));
  }

  private async movePages(config: NamesConfig): Promise<void> {
    try {
      await this.openPages(config);
    } catch (error) {
      this.options.say(`[ERROR] ${messageOf(error)}`);
    }
  }

  private async openPages(config: NamesConfig): Promise<void> {
    if (this.closed !== undefined) return;
    const { kernel, netns, state } = this.options;
    const wanted = pagesOf(config, { ...state, isEnding: () => this.isEnding });
    for (const [port, server] of this.pages) {
      if (wanted.has(port)) continue;
      this.pages.delete(port);
      await server.close();
    }
    for (const [port, pages] of wanted) {
      const open = this.pages.get(port);
      if (open !== undefined) open.use(pages);
      else {
        const fd = kernel.listenTcp(netns, { address: '::', port });
        this.pages.set(port, await TextPages.start(fd, pages));
      }
    }
  }
}
