import type { NamesConfig } from '../../names/index.ts';
import type { ContainerLogs } from './container-logs.ts';
import { ContainerServer, type ContainerServerOptions } from './container-server.ts';

/** A container of the `coredns` Deployment, as its runtime knows it. */
export interface DnsContainer {
  /** Pin of its network namespace. */
  readonly netns: string;
  /** Writes a line of its log. */
  readonly log: (text: string) => void;
}

export interface ContainerServersOptions extends Omit<
  ContainerServerOptions,
  'netns' | 'say' | 'onClose'
> {
  readonly logs: ContainerLogs;
}

/** All containers that are served under one configuration. */
export class ContainerServers {
  private readonly options: ContainerServersOptions;
  private readonly servers = new Set<ContainerServer>();

  constructor(options: ContainerServersOptions) {
    this.options = options;
  }

  async serve({ netns, log }: DnsContainer): Promise<ContainerServer> {
    let leave = (): unknown => undefined;
    const server: ContainerServer = await ContainerServer.start({
      ...this.options,
      netns,
      say: log,
      onClose: () => leave(),
    });
    const leaveLogs = this.options.logs.add(log);
    this.servers.add(server);
    leave = () => {
      leaveLogs();
      this.servers.delete(server);
    };
    return server;
  }

  async use(config: NamesConfig): Promise<void> {
    await Promise.all([...this.servers].map((server) => server.use(config)));
  }

  async close(): Promise<void> {
    await Promise.all([...this.servers].map((server) => server.close()));
  }
}
