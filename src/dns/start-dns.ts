import type { EventRecorder, InformerSet } from '../client/index.ts';
import type { Clock } from '../clock/index.ts';
import type { Kernel } from '../kernel/index.ts';
import { configMapKind } from '../kube/index.ts';
import {
  defaultCorefile,
  readCorefile,
  type NameQuery,
  type NamesConfig,
  type NameVerdict,
} from '../names/index.ts';
import type { ClusterView } from '../snapshot/index.ts';
import { followConfig, type ConfigFollowerOptions } from './config-follower.ts';
import type { ContainerServer } from './container/container-server.ts';
import { ContainerLogs } from './container/container-logs.ts';
import { ContainerServers, type DnsContainer } from './container/container-servers.ts';
import { createDnsMetrics, type DnsMetrics } from './metrics/dns-metrics.ts';
import { serveNode, type Closable } from './node/place.ts';
import { measureProgramming } from './programming-latency.ts';
import { Active } from './server/active.ts';
import { DnsEngine } from './server/engine.ts';
import { limitedLog } from './server/limited-log.ts';
import { LoopGuard } from './upstream/loop-guard.ts';
import { worldSource } from './world.ts';

/** A node's network namespace. */
export interface DnsNode {
  readonly name: string;
  /** Its pin. */
  readonly netns: string;
}

export interface DnsOptions {
  readonly kernel: Kernel;
  readonly clock: Clock;
  /** The nodes to answer on. */
  readonly nodes: readonly DnsNode[];
  /** Must follow namespaces. */
  readonly view: ClusterView;
  readonly informers: InformerSet;
  readonly events?: EventRecorder;
  /** The addresses of the Service `kube-dns`. */
  readonly serviceIPs: readonly string[];
  /** `cluster.local` */
  readonly clusterDomain: string;
  /** The machine's own resolvers and search domains. Upstreams are asked from the machine's own network. */
  readonly host: { readonly servers: readonly string[]; readonly search: readonly string[] };
  /** What is wrong with the servers; and what containers would log, while there is none. */
  readonly log: (text: string) => void;
}

/** The servers of one container. */
export type DnsServing = Pick<ContainerServer, 'drain' | 'close'>;

/** Cluster DNS at work. */
export interface ClusterDns {
  /** The judgement on a question under the configuration in use, for whoever tells its story. */
  judge(query: NameQuery): NameVerdict;
  /** Serves another node. */
  addNode(node: DnsNode): Promise<void>;
  /**
   * Serves DNS, metrics and health in a container of the `coredns` Deployment, too, and writes its log: what `kubectl
   * logs` shows of a CoreDNS. @throws KernelError
   */
  serveContainer(container: DnsContainer): Promise<DnsServing>;
  metricsText(): string;
  close(): Promise<void>;
}

function defaultConfig(clusterDomain: string): NamesConfig {
  const result = readCorefile(defaultCorefile(clusterDomain));
  if (!result.ok) throw new TypeError(`the default Corefile is refused for ${clusterDomain}`);
  return result.config;
}

interface Parts {
  readonly engine: DnsEngine;
  readonly metrics: DnsMetrics;
  readonly world: ReturnType<typeof worldSource>;
  readonly containers: ContainerServers;
}

function assemble(options: DnsOptions): Parts {
  const { view, clock, kernel, serviceIPs, clusterDomain, host, log } = options;
  const metrics = createDnsMetrics();
  const world = worldSource({ view, clock, hostSearch: host.search, serverAddresses: serviceIPs });
  const logs = new ContainerLogs();
  // What happens to queries is in the logs of the pods; where there is none yet, nobody is to miss it.
  const say = (text: string): void => {
    if (!logs.say(text)) log(text);
  };
  const limited = limitedLog(say, clock);
  const guard = new LoopGuard(serviceIPs, limited);
  const hostServers = host.servers;
  const activeOptions = { clock, metrics, guard, hostServers, log: limited, errorLog: limited };
  const active = new Active(defaultConfig(clusterDomain), activeOptions);
  const engine = new DnsEngine({ active, world, metrics, guard, log: limited, queryLog: say });
  const metricsText = (): string => metrics.registry.text();
  const state = { isSynced: () => world().isSynced, metricsText };
  const containers = new ContainerServers({ kernel, clock, engine, log, logs, state });
  const apply = (config: NamesConfig): void => {
    logs.say('[INFO] Reloading');
    engine.use(new Active(config, activeOptions));
    void containers.use(config).then(() => logs.say('[INFO] Reloading complete'));
  };
  follow(options, { apply, onRefused: () => metrics.reloadFailures.add([]), log: say });
  measureProgramming(view, clock, metrics);
  return { engine, metrics, world, containers };
}

function follow(
  { informers, events }: DnsOptions,
  listeners: Pick<ConfigFollowerOptions, 'apply' | 'onRefused' | 'log'>,
): void {
  followConfig({ configMaps: informers.of(configMapKind), events, ...listeners });
}

/**
 * Serves cluster DNS on every node, at the Service's own addresses. Resolves when all nodes answer.
 * @throws KernelError, NetlinkError, NftRefused, with no server left
 */
export async function startDns(options: DnsOptions): Promise<ClusterDns> {
  const { engine, metrics, world, containers } = assemble(options);
  const { kernel, clock, serviceIPs, log } = options;
  const servers: Closable[] = [];
  const addNode = async ({ netns }: DnsNode): Promise<void> => {
    servers.push(...(await serveNode({ kernel, clock, engine, log, netns }, serviceIPs)));
  };
  const close = async (): Promise<void> => {
    engine.active.close();
    await containers.close();
    await Promise.all(servers.map((server) => server.close()));
  };
  try {
    for (const node of options.nodes) await addNode(node);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    addNode,
    serveContainer: (container) => containers.serve(container),
    judge: (query) => engine.active.judge.judge(query, world()),
    metricsText: () => metrics.registry.text(),
    close,
  };
}
