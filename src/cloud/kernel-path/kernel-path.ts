import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../../clock/index.ts';
import type { Kernel } from '../../kernel/index.ts';
import { Connection } from '../../netlink/index.ts';
import { Nftables } from '../../nft/index.ts';
import { TableProgrammer } from '../../plan/index.ts';
import type { FabricAddresses } from '../fabric-addresses.ts';
import type { DrainSettings } from '../settings.ts';
import type { Carriage } from './carriage.ts';
import { ForwardingPlan } from './forwarding-plan.ts';
import { FrontendFlows } from './frontend-flows.ts';
import { frontendKey, type Frontend } from './frontend.ts';
import { nodeAddress } from './kernel-flow.ts';

export interface KernelPathOptions {
  readonly kernel: Kernel;
  /** Pin of the fabric's namespace. */
  readonly fabric: string;
  readonly clock: Clock;
  readonly addresses: FabricAddresses;
  /** Hears of what failed in the background. */
  readonly onError: (error: unknown) => void;
}

interface Carried {
  readonly flows: FrontendFlows;
  /** Absent while it leaves. */
  carriage?: Carriage;
}

/**
 * The way of plain load balancers' connections through the fabric's kernel. It only adds to the doors: a table translates
 * what it knows, connection tracking remembers, and the rest arrives at the door of its address. What a killed daemon
 * forwarded goes on; the next one replaces its table.
 */
export class KernelPath {
  private readonly options: KernelPathOptions;
  private readonly plan = new ForwardingPlan();
  private readonly programmer: TableProgrammer;
  private readonly connection: Connection;
  private readonly carried = new Map<string, Carried>();
  private isClosed = false;

  /** @throws NftRefused */
  constructor(options: KernelPathOptions) {
    const { kernel, fabric, onError } = options;
    this.options = options;
    // What is outside its window is translated all the same, what is unknown meets the door, which resets it: nothing
    // is ever taken up in the middle (Documentation/networking/nf_conntrack-sysctl.rst).
    kernel.writeSysctl(fabric, 'net/netfilter/nf_conntrack_tcp_be_liberal', '1');
    kernel.writeSysctl(fabric, 'net/netfilter/nf_conntrack_tcp_loose', '0');
    this.connection = new Connection(kernel.openNetfilterSocket(fabric));
    this.programmer = new TableProgrammer({
      nftables: new Nftables(kernel.openNetfilterSocket(fabric)),
      desired: () => this.plan.full(),
      onRebuild: ({ cause }) => onError(cause),
    });
    this.programmer.rebuild();
  }

  /** Carries a frontend's connections so from now on. @throws NftRefused, NetlinkError */
  carry(frontend: Frontend, carriage: Carriage): void {
    const entry = this.entryOf(frontend);
    if (isDeepStrictEqual(entry.carriage, carriage)) return;
    // Kept only when all of it came about: else the next call tries again.
    delete entry.carriage;
    this.programmer.commit(this.plan.change(frontend, carriage.forward));
    entry.flows.settle(carriage);
    entry.carriage = carriage;
  }

  /**
   * Forwards nothing new at a frontend. Resolves when its open connections have ended, at the latest after the drain
   * time, or when it is carried again. @throws NftRefused, NetlinkError
   */
  async leave(frontend: Frontend, draining: DrainSettings): Promise<void> {
    const key = frontendKey(frontend);
    const entry = this.carried.get(key);
    if (entry === undefined) return;
    delete entry.carriage;
    this.programmer.commit(this.plan.change(frontend, undefined));
    await entry.flows.leave(draining);
    if (entry.carriage === undefined) this.carried.delete(key);
  }

  /** Cuts what still drains at a frontend that left. @throws NetlinkError */
  cut(frontend: Frontend): void {
    const entry = this.carried.get(frontendKey(frontend));
    if (entry !== undefined && entry.carriage === undefined) entry.flows.close();
  }

  /** How many open connections to these frontends go through each node, by its address. @throws NetlinkError */
  connections(frontends: readonly Frontend[]): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    const known = frontends.map((frontend) => this.carried.get(frontendKey(frontend)));
    for (const flow of known.flatMap((entry) => entry?.flows.open() ?? [])) {
      const address = nodeAddress(flow);
      counts.set(address, (counts.get(address) ?? 0) + 1);
    }
    return counts;
  }

  /** Cuts everything and takes the table away. */
  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.programmer.stop();
    this.programmer.close();
    for (const { flows } of this.carried.values()) flows.close();
    this.carried.clear();
    this.connection.close();
  }

  private entryOf(frontend: Frontend): Carried {
    const key = frontendKey(frontend);
    const known = this.carried.get(key);
    if (known !== undefined) return known;
    const site = { ...this.options, connection: this.connection };
    const entry = { flows: new FrontendFlows(site, frontend) };
    this.carried.set(key, entry);
    return entry;
  }
}
