import type { CancelTimer, Clock } from '../clock/index.ts';
import { messageOf } from '../fault/index.ts';
import type { Kernel } from '../kernel/index.ts';
import { Connection } from '../netlink/index.ts';
import { Nftables } from '../nft/index.ts';
import { NodeProgrammer, TABLE, type PlanSettings } from '../plan/index.ts';
import { judgeService, type Judgement, type Vantage } from '../services/index.ts';
import type { ClusterView } from '../snapshot/index.ts';
import { tolerateWindows } from './conntrack/tcp-window.ts';
import { UdpFlows } from './conntrack/udp-flows.ts';
import { serveNodeHealth } from './health-check/node-health.ts';
import { ProxyHealth } from './health-check/proxy-health.ts';
import { ServiceHealth } from './health-check/service-health.ts';
import type { GuardedTables } from './rules-watch/rules-watch.ts';

/** The node label that names its zone. */
export const ZONE = 'topology.kubernetes.io/zone';
/** How often the rules are read back, for what something else changed in them. */
const RESYNC_MS = 5 * 60_000;

export interface ServiceProxyOptions {
  readonly kernel: Kernel;
  readonly clock: Clock;
  /** Pin of the node's network namespace. */
  readonly netns: string;
  /** Where it looks from; its zone is the node's own label. */
  readonly vantage: Omit<Vantage, 'zone'>;
  readonly settings: PlanSettings;
  readonly view: ClusterView;
  readonly log: (text: string) => void;
}

type Judged = readonly (readonly [service: string, Judgement])[];

const nothing: Judgement = { captures: [] };

/**
 * Keeps one node at what the Services and EndpointSlices say: its rules, its tracked UDP flows, and the health checks that
 * load balancers ask.
 */
export class ServiceProxy {
  /** The rules, for a `RulesWatch`. */
  readonly tables: GuardedTables;
  private readonly options: ServiceProxyOptions;
  private readonly programmer: NodeProgrammer;
  private readonly flows: UdpFlows;
  private readonly health: ProxyHealth;
  private readonly checks: ServiceHealth;
  private readonly nodeHealth: { close(): void };
  private cancelResync: CancelTimer = () => {};
  private isClosed = false;

  constructor(options: ServiceProxyOptions) {
    this.options = options;
    const { kernel, clock, netns, settings, view, log } = options;
    const nftables = new Nftables(kernel.openNetfilterSocket(netns));
    this.programmer = new NodeProgrammer(nftables, settings, ({ cause }) =>
      log(`the rules of ${settings.nodeName} were written anew: ${messageOf(cause)}`),
    );
    this.tables = {
      table: TABLE,
      portId: nftables.portId,
      repair: () => this.repair(),
      isUntouched: () => this.programmer.isUntouched,
    };
    this.flows = new UdpFlows(new Connection(kernel.openNetfilterSocket(netns)));
    this.health = new ProxyHealth(clock);
    this.checks = new ServiceHealth({
      kernel,
      netns,
      proxy: this.health,
      onFailure: (service, message) => log(`health check of service ${service}: ${message}`),
    });
    this.nodeHealth = serveNodeHealth({
      kernel,
      netns,
      clock,
      proxy: this.health,
      node: () => view.snapshot().nodes.get(settings.nodeName),
    });
  }

  /** Programs all Services at once, then follows their changes. @throws NftRefused. */
  async start(): Promise<void> {
    const { view, kernel, netns } = this.options;
    await view.synced;
    const seen = view.snapshot();
    const judged = this.judge(seen.services.keys());
    this.programmer.start(capturesOf(judged));
    // The setting is there once rules have made the kernel load connection tracking.
    tolerateWindows(kernel, netns);
    this.follow(judged);
    view.onServices((keys) => this.program(keys), seen);
    this.scheduleResync();
  }

  private judge(keys: Iterable<string>): Judged {
    const { services, slices, nodes } = this.options.view.snapshot();
    const zone = nodes.get(this.name)?.metadata.labels?.[ZONE] ?? '';
    const vantage = { ...this.options.vantage, zone };
    return [...keys].map((key) => {
      const service = services.get(key);
      if (service === undefined) return [key, nothing];
      return [key, judgeService(service, slices.get(key) ?? [], vantage)];
    });
  }

  /** Judges every Service anew: the node came to another zone. */
  rejudge(): void {
    this.program(this.options.view.snapshot().services.keys());
  }

  /** Takes other settings on, as when a ServiceCIDR is added. */
  configure(settings: PlanSettings): void {
    try {
      this.programmer.configure(settings);
    } catch (error) {
      this.complain('take other settings on', error);
    }
  }

  /** One transaction; packets see it when this returns. */
  private program(keys: Iterable<string>): void {
    if (this.isClosed) return;
    const judged = this.judge(keys);
    try {
      this.programmer.applyAll(capturesOf(judged));
    } catch (error) {
      this.health.failed();
      this.complain('program the rules', error);
      return;
    }
    this.follow(judged);
  }

  /** What comes after the rules: flows that would still go the old way are cut, health checks answer anew. */
  private follow(judged: Judged): void {
    this.health.programmed();
    for (const [key, { captures }] of judged) this.flows.replace(key, captures);
    try {
      this.flows.sweep();
    } catch (error) {
      this.complain('cut stale UDP flows', error);
    }
    this.checks.replaceAll(judged.map(([key, { healthCheck }]) => [key, healthCheck]));
  }

  private scheduleResync(): void {
    this.cancelResync = this.options.clock.setTimer(RESYNC_MS, () => {
      try {
        const repairs = this.repair();
        if (repairs > 0) this.options.log(`${this.name}: ${repairs} changes of the rules repaired`);
      } catch (error) {
        this.complain('read the rules back', error);
      }
      this.scheduleResync();
    });
  }

  /** Reads the rules back; what passed without them may be tracked the wrong way. @throws NftRefused. */
  private repair(): number {
    const repairs = this.programmer.resync().length;
    if (repairs === 0) return 0;
    this.flows.suspectAll();
    this.follow([]);
    return repairs;
  }

  private get name(): string {
    return this.options.settings.nodeName;
  }

  private complain(what: string, error: unknown): void {
    this.options.log(`${this.name}: cannot ${what}: ${messageOf(error)}`);
  }

  /** Stops following; the rules stay. */
  close(): void {
    this.isClosed = true;
    this.cancelResync();
    this.nodeHealth.close();
    this.checks.close();
    this.flows.close();
    this.programmer.close();
  }
}

function capturesOf(judged: Judged): [string, Judgement['captures']][] {
  return judged.map(([key, { captures }]) => [key, captures]);
}
