import type { NamesConfig } from '../../names/index.ts';
import { ContainerServer, type ContainerServerOptions } from './container-server.ts';

/** A container of the `coredns` Deployment, as its runtime knows it. */
export interface DnsContainer {
  /** Pin of its network namespace. */
  readonly netns: string;
  /** Writes a line of its log. */
  readonly log: (text: string) => void;
}

/** All containers that are served, and what they have in common: one configuration, one log. */
export class ContainerServers {
  private readonly options: Omit<ContainerServerOptions, 'netns' | 'say' | 'onClose'>;
  private readonly servers = new Set<ContainerServer>();

  constructor(options: Omit<ContainerServerOptions, 'netns' | 'say' | 'onClose'>) {
    this.options = options;
  }

  async serve({ netns, log }: DnsContainer): Promise<ContainerServer> {
    const server: ContainerServer = await ContainerServer.start({
      ...this.options,
      netns,
      say: log,
      onClose: () => this.servers.delete(server),
    });
    this.servers.add(server);
    return server;
  }

  /** Writes a line into every log. @returns false when there is none */
  say(text: string): boolean {
    for (const server of this.servers) server.say(text);
    return this.servers.size > 0;
  }

  async use(config: NamesConfig): Promise<void> {
    await Promise.all([...this.servers].map((server) => server.use(config)));
  }

  async close(): Promise<void> {
    await Promise.all([...this.servers].map((server) => server.close()));
  }
}
