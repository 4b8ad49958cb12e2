import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../../clock/index.ts';
import { formatAddress } from '../../ip/index.ts';
import type { Kernel } from '../../kernel/index.ts';
import { Connection } from '../../netlink/index.ts';
import { Nftables } from '../../nft/index.ts';
import { TableProgrammer } from '../../plan/index.ts';
import type { FabricAddresses } from '../fabric-addresses.ts';
import type { DrainSettings } from '../settings.ts';
import type { Carriage } from './carriage.ts';
import { ForwardingPlan } from './forwarding-plan.ts';
import { frontendKey, type Frontend } from './frontend.ts';
import { KernelFlows, type OpenConnections } from './kernel-flows.ts';

export interface KernelPathOptions {
  readonly kernel: Kernel;
  /** Pin of the fabric's namespace. */
  readonly fabric: string;
  readonly clock: Clock;
  readonly addresses: FabricAddresses;
  /** Hears of what failed in the background. */
  readonly onError: (error: unknown) => void;
}

/**
 * The way of plain load balancers' connections through the fabric's kernel. It only adds to the doors: a table translates
 * what it knows, connection tracking remembers, and the rest arrives at the door of its address. What a killed daemon
 * forwarded goes on; the next one replaces its table.
 */
export class KernelPath {
  private readonly addresses: FabricAddresses;
  private readonly plan = new ForwardingPlan();
  private readonly programmer: TableProgrammer;
  private readonly flows: KernelFlows;
  /** What holds for each frontend; nothing for one that leaves. */
  private readonly carried = new Map<string, Carriage>();
  private isClosed = false;

  /** @throws NftRefused */
  constructor(options: KernelPathOptions) {
    const { kernel, fabric, clock, addresses, onError } = options;
    this.addresses = addresses;
    // What is outside its window is translated all the same, what is unknown meets the door, which resets it: nothing
    // is ever taken up in the middle (Documentation/networking/nf_conntrack-sysctl.rst).
    kernel.writeSysctl(fabric, 'net/netfilter/nf_conntrack_tcp_be_liberal', '1');
    kernel.writeSysctl(fabric, 'net/netfilter/nf_conntrack_tcp_loose', '0');
    const connection = new Connection(kernel.openNetfilterSocket(fabric));
    this.flows = new KernelFlows({ connection, clock, onError });
    this.programmer = new TableProgrammer({
      nftables: new Nftables(kernel.openNetfilterSocket(fabric)),
      desired: () => this.plan.full(),
      onRebuild: ({ cause }) => onError(cause),
    });
    this.programmer.rebuild();
  }

  /** Carries a frontend's connections so from now on. @throws NftRefused */
  carry(frontend: Frontend, carriage: Carriage): void {
    const key = frontendKey(frontend);
    if (isDeepStrictEqual(this.carried.get(key), carriage)) return;
    this.carried.delete(key);
    this.programmer.commit(this.plan.change(frontend, carriage.forward));
    this.carried.set(key, carriage);
    this.flows.watch(frontend, carriage);
  }

  /**
   * Forwards nothing new at a frontend. Resolves when its open connections have ended, at the latest after the drain
   * time, or when it is carried again; until then the fabric keeps the address, which is that of its own clients as well.
   * @throws NftRefused; Fault when the address could not be taken away
   */
  async leave(frontend: Frontend, draining: DrainSettings): Promise<void> {
    this.carried.delete(frontendKey(frontend));
    const address = formatAddress(frontend.address);
    void this.addresses.acquire(address);
    try {
      this.programmer.commit(this.plan.change(frontend, undefined));
      await this.flows.leave(frontend, draining);
    } finally {
      this.addresses.release(address);
    }
  }

  /** The connections that are open now, of all frontends. @throws NetlinkError */
  open(): OpenConnections {
    return this.flows.open();
  }

  /** Cuts everything and takes the table away. */
  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.programmer.stop();
    this.programmer.close();
    this.flows.close();
  }
}
