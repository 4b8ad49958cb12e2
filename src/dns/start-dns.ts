import type { EventRecorder, InformerSet } from '../client/index.ts';
import type { Clock } from '../clock/index.ts';
import type { Kernel } from '../kernel/index.ts';
import { configMapKind, podKind, type Pod } from '../kube/index.ts';
import {
  defaultCorefile,
  readCorefile,
  type NameQuery,
  type NamesConfig,
  type NameVerdict,
} from '../names/index.ts';
import type { ClusterView } from '../snapshot/index.ts';
import { followConfig } from './config-follower.ts';
import { createDnsMetrics, type DnsMetrics } from './metrics/dns-metrics.ts';
import { serveNode, type Closable } from './node/place.ts';
import { PodServers } from './pod-servers.ts';
import { measureProgramming } from './programming-latency.ts';
import { Active, type ActiveOptions } from './server/active.ts';
import { DnsEngine } from './server/engine.ts';
import type { Page } from './server/http-server.ts';
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
  /** Pin of a pod's network namespace; undefined while it has none. */
  readonly podNetns: (pod: Pod) => string | undefined;
  /** What is wrong with the servers; at most fifty lines in five seconds. */
  readonly log: (text: string) => void;
  /** Lines that the `log` directive asks for: what `kubectl logs` of CoreDNS shows. Those of `log` when absent. */
  readonly queryLog?: (text: string) => void;
}

/** Cluster DNS at work. */
export interface ClusterDns {
  /** The judgement on a question under the configuration in use, for whoever tells its story. */
  judge(query: NameQuery): NameVerdict;
  /** Serves another node. */
  addNode(node: DnsNode): Promise<void>;
  metricsText(): string;
  close(): Promise<void>;
}

const ok: Page = () => ({ status: 200, text: 'OK' });

function defaultConfig(clusterDomain: string): NamesConfig {
  const result = readCorefile(defaultCorefile(clusterDomain));
  if (!result.ok) throw new TypeError(`the default Corefile is refused for ${clusterDomain}`);
  return result.config;
}

/** The HTTP pages that a configuration asks for, by port. */
function pagesOf(
  { blocks }: NamesConfig,
  pages: { readonly ready: Page; readonly metrics: Page },
): Map<number, Record<string, Page>> {
  const byPort = new Map<number, Record<string, Page>>();
  const add = (port: number | undefined, path: string, page: Page): void => {
    if (port !== undefined) byPort.set(port, { ...byPort.get(port), [path]: page });
  };
  for (const { health, ready, prometheus } of blocks) {
    add(health?.port, '/health', ok);
    add(ready?.port, '/ready', pages.ready);
    add(prometheus?.port, '/metrics', pages.metrics);
  }
  return byPort;
}

interface Parts {
  readonly options: DnsOptions;
  readonly metrics: DnsMetrics;
  readonly engine: DnsEngine;
  readonly world: ReturnType<typeof worldSource>;
}

function assemble(options: DnsOptions): Parts {
  const { view, clock, serviceIPs, clusterDomain, host, informers } = options;
  const log = limitedLog(options.log, clock);
  const metrics = createDnsMetrics();
  const world = worldSource({
    view,
    clock,
    hostSearch: host.search,
    serverAddresses: serviceIPs,
  });
  const guard = new LoopGuard(serviceIPs, log);
  const activeOptions: ActiveOptions = { clock, metrics, guard, hostServers: host.servers, log };
  const active = new Active(defaultConfig(clusterDomain), activeOptions);
  const engine = new DnsEngine({
    active,
    world,
    metrics,
    guard,
    log,
    queryLog: options.queryLog ?? options.log,
  });
  measureProgramming(view, clock, metrics);
  followConfig({
    configMaps: informers.of(configMapKind),
    events: options.events,
    apply: (config) => engine.use(new Active(config, activeOptions)),
    onRefused: () => metrics.reloadFailures.add([]),
    log,
  });
  return { options, metrics, engine, world };
}

function servePods({ options, metrics, engine, world }: Parts): PodServers {
  const { kernel, clock, informers, podNetns, log } = options;
  const ready: Page = () =>
    world().isSynced ? { status: 200, text: 'OK' } : { status: 503, text: 'kubernetes' };
  const metricsPage: Page = () => ({ status: 200, text: metrics.registry.text() });
  return new PodServers({
    kernel,
    clock,
    engine,
    log,
    podNetns,
    pods: informers.of(podKind),
    pages: () => pagesOf(engine.active.judge.config, { ready, metrics: metricsPage }),
  });
}

/**
 * Serves cluster DNS on every node, at the Service's own addresses, and in the pods of the `coredns` Deployment. Resolves
 * when all nodes answer. @throws KernelError, NetlinkError, NftRefused
 */
export async function startDns(options: DnsOptions): Promise<ClusterDns> {
  const parts = assemble(options);
  const { engine, metrics, world } = parts;
  const { kernel, clock, serviceIPs, log } = options;
  const servers: Closable[] = [];
  const addNode = async ({ netns }: DnsNode): Promise<void> => {
    servers.push(...(await serveNode({ kernel, clock, engine, log, netns }, serviceIPs)));
  };
  for (const node of options.nodes) await addNode(node);
  const pods = servePods(parts);
  return {
    addNode,
    judge: (query) => engine.active.judge.judge(query, world()),
    metricsText: () => metrics.registry.text(),
    async close() {
      engine.active.close();
      await pods.close();
      await Promise.all(servers.map((server) => server.close()));
    },
  };
}
