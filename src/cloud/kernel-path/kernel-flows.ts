import type { CancelTimer, Clock } from '../../clock/index.ts';
import {
  deleteConntrackEntry,
  listConntrack,
  type Connection,
  type ConntrackEntry,
} from '../../netlink/index.ts';
import type { DrainSettings } from '../settings.ts';
import { losesNodes, type Carriage } from './carriage.ts';
import { frontendKey, type Frontend } from './frontend.ts';
import { fateOf, flowKey, isForwarded, isOpen, nodeAddress } from './kernel-flow.ts';

/**
 * How often it is looked whether the last connection of a frontend that left has ended. Connection tracking tells of
 * nothing before it forgets, two minutes later; and a look walks the machine's whole table, 10 ms of it.
 */
const LOOK_MS = 500;

export interface FlowSite {
  /** A netfilter connection to the fabric; {@link KernelFlows.close} closes it. */
  readonly connection: Connection;
  readonly clock: Clock;
  /** Hears of what failed in the background. */
  readonly onError: (error: unknown) => void;
}

interface Watched {
  carriage: Carriage;
  /** By address, nodes that left: when connections through them are cut. */
  deadlines: Map<string, number>;
  /** Whether there can be any connection. */
  readonly wasForwarded: boolean;
  /** The frontend is gone; resolved when nothing of it drains any more. */
  left?: PromiseWithResolvers<void>;
}

/** Open connections by frontend and by the address of the node that they go through. */
export type OpenConnections = ReadonlyMap<string, ReadonlyMap<string, number>>;

/**
 * The connections that the kernel carries. Connection tracking is what remembers them; one look over it settles what all
 * changes since the last have made of them, and there is none while nothing changes and nothing drains.
 */
export class KernelFlows {
  private readonly site: FlowSite;
  private readonly watched = new Map<string, Watched>();
  /** Connections of a daemon before this one go on. */
  private readonly hasInherited: boolean;
  private cancel: CancelTimer | undefined;

  /** @throws NetlinkError */
  constructor(site: FlowSite) {
    this.site = site;
    this.hasInherited = this.list().length > 0;
  }

  /** Takes note of what the kernel does for a frontend from now on. */
  watch(frontend: Frontend, carriage: Carriage): void {
    const key = frontendKey(frontend);
    const known = this.watched.get(key);
    const hadForwarded = known?.wasForwarded ?? this.hasInherited;
    const deadlines = [...(known?.deadlines ?? [])].filter(([node]) => !carriage.members.has(node));
    this.watched.set(key, {
      carriage,
      deadlines: new Map(deadlines),
      wasForwarded: hadForwarded || carriage.forward !== undefined,
    });
    known?.left?.resolve();
    const isLoss = known === undefined || losesNodes(known.carriage, carriage);
    if (hadForwarded && isLoss) this.lookIn(0);
  }

  /**
   * The frontend is gone: its open connections drain. Resolves when the last has ended, or it is back. To be called again
   * with less patience.
   */
  leave(frontend: Frontend, draining: DrainSettings): Promise<void> {
    const key = frontendKey(frontend);
    const known = this.watched.get(key);
    if (known?.wasForwarded !== true) {
      this.watched.delete(key);
      return Promise.resolve();
    }
    known.left ??= Promise.withResolvers();
    const none = new Set<string>();
    known.carriage = { home: { nodePort: 0, addresses: none }, members: none, draining };
    if (!draining.enabled) known.deadlines.clear();
    this.lookIn(0);
    return known.left.promise;
  }

  /** @throws NetlinkError */
  open(): OpenConnections {
    const counts = new Map<string, Map<string, number>>();
    if (this.watched.size === 0) return counts;
    for (const flow of this.list().filter(isOpen)) {
      const nodes = counts.get(flowKey(flow)) ?? new Map<string, number>();
      nodes.set(nodeAddress(flow), (nodes.get(nodeAddress(flow)) ?? 0) + 1);
      counts.set(flowKey(flow), nodes);
    }
    return counts;
  }

  /** Cuts everything. @throws NetlinkError */
  close(): void {
    this.cancel?.();
    for (const flow of this.list()) if (this.watched.has(flowKey(flow))) this.cut(flow);
    for (const { left } of this.watched.values()) left?.resolve();
    this.watched.clear();
    this.site.connection.close();
  }

  private lookIn(delayMs: number): void {
    const { clock, onError } = this.site;
    this.cancel?.();
    this.cancel = clock.setTimer(delayMs, () => {
      this.cancel = undefined;
      try {
        this.look();
      } catch (error) {
        onError(error);
        this.lookIn(LOOK_MS);
      }
    });
  }

  private look(): void {
    const now = this.site.clock.now();
    const draining = new Map<Watched, Map<string, number>>();
    for (const flow of this.list()) {
      const watched = this.watched.get(flowKey(flow));
      const fate = watched === undefined ? 'stays' : fateOf(flow, watched.carriage);
      if (watched === undefined || fate === 'stays') continue;
      const address = nodeAddress(flow);
      const deadline = watched.deadlines.get(address) ?? now + drainMs(watched);
      if (fate === 'cut' || deadline <= now) this.cut(flow);
      else draining.set(watched, (draining.get(watched) ?? new Map()).set(address, deadline));
    }
    for (const [key, watched] of this.watched) {
      watched.deadlines = draining.get(watched) ?? new Map();
      if (watched.left === undefined || watched.deadlines.size > 0) continue;
      this.watched.delete(key);
      watched.left.resolve();
    }
    this.lookAgain(now);
  }

  /** When somebody waits, or connections are to be cut. */
  private lookAgain(now: number): void {
    const all = [...this.watched.values()];
    const deadlines = all.flatMap((watched) => [...watched.deadlines.values()]);
    const waits = all.some(({ left }) => left !== undefined) ? [LOOK_MS] : [];
    const next = Math.min(...waits, ...deadlines.map((deadline) => deadline - now));
    if (Number.isFinite(next)) this.lookIn(next);
  }

  /** Everything that is forwarded. */
  private list(): ConntrackEntry[] {
    return listConntrack(this.site.connection).filter(isForwarded);
  }

  private cut(flow: ConntrackEntry): void {
    deleteConntrackEntry(this.site.connection, flow);
  }
}

function drainMs({ carriage: { draining } }: Watched): number {
  return draining.enabled ? draining.timeoutMs : 0;
}
