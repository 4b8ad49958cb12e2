import type { CancelTimer, Clock } from '../../clock/index.ts';
import { formatAddress } from '../../ip/index.ts';
import {
  deleteConntrackEntry,
  listConntrack,
  type Connection,
  type ConntrackEntry,
} from '../../netlink/index.ts';
import type { FabricAddresses } from '../fabric-addresses.ts';
import type { DrainSettings } from '../settings.ts';
import type { Carriage } from './carriage.ts';
import type { Frontend } from './frontend.ts';
import { fateOf, isForwarded, isOpen, nodeAddress, protocolNumbers } from './kernel-flow.ts';

/** How often it is looked whether the last connection of a frontend that is gone has ended. */
const LOOK_MS = 500;

export interface FlowSite {
  /** A netfilter connection to the fabric. */
  readonly connection: Connection;
  readonly clock: Clock;
  readonly addresses: FabricAddresses;
  /** Hears of what failed in the background. */
  readonly onError: (error: unknown) => void;
}

/** The frontend is gone, and its connections drain. */
interface Leaving {
  readonly deadline: number;
  cancel: CancelTimer;
  readonly done: PromiseWithResolvers<void>;
}

/** The connections that the kernel carries for one frontend. Connection tracking is what remembers them. */
export class FrontendFlows {
  private readonly site: FlowSite;
  private readonly frontend: Frontend;
  /** By address, nodes that left: until when their connections may go on. */
  private readonly draining = new Map<string, CancelTimer>();
  private leaving: Leaving | undefined;

  constructor(site: FlowSite, frontend: Frontend) {
    this.site = site;
    this.frontend = frontend;
  }

  /**
   * Goes over the connections after the kernel's table has changed: those with nothing to lose are judged anew, those
   * through nodes that left drain. @throws NetlinkError
   */
  settle(carriage: Carriage): void {
    this.stopLooking();
    const left = this.judge(carriage);
    for (const [address, cancel] of this.draining) {
      if (left.has(address)) continue;
      cancel();
      this.draining.delete(address);
    }
    for (const address of left) this.drain(address, carriage.draining);
  }

  /**
   * Lets open connections end by themselves, at most for the drain time. Resolves when the last has ended or the frontend
   * is back; until then clients in the fabric keep the address, which is their own as well. @throws NetlinkError
   */
  async leave(draining: DrainSettings): Promise<void> {
    if (!draining.enabled) this.close();
    this.forgetNodes();
    const left = this.judge({ members: new Set(), draining });
    if (left.size === 0) return;
    const { clock, addresses } = this.site;
    const address = formatAddress(this.frontend.address);
    const done = Promise.withResolvers<void>();
    const deadline = clock.now() + draining.timeoutMs;
    this.leaving = { deadline, cancel: () => undefined, done };
    void addresses.acquire(address);
    this.look(this.leaving);
    await done.promise;
    addresses.release(address);
  }

  /** The forwarded connections that are open. @throws NetlinkError */
  open(): ConntrackEntry[] {
    return this.list().filter((flow) => isForwarded(flow) && isOpen(flow));
  }

  /** Cuts every connection, those that drain included. @throws NetlinkError */
  close(): void {
    this.forgetNodes();
    for (const flow of this.list()) if (isForwarded(flow)) this.cut(flow);
    this.stopLooking();
  }

  /** Cuts what is to be cut, and returns the addresses of nodes whose connections are to drain. */
  private judge(carriage: Carriage): Set<string> {
    const left = new Set<string>();
    for (const flow of this.list()) {
      const fate = fateOf(flow, carriage);
      if (fate === 'cut') this.cut(flow);
      if (fate === 'drains') left.add(nodeAddress(flow));
    }
    return left;
  }

  private look(leaving: Leaving): void {
    const { clock, onError } = this.site;
    leaving.cancel = clock.setTimer(LOOK_MS, () => {
      try {
        if (clock.now() >= leaving.deadline) this.close();
        else if (this.open().length > 0) this.look(leaving);
        else this.stopLooking();
      } catch (error) {
        onError(error);
        this.stopLooking();
      }
    });
  }

  /** Waits no longer for the last connection. */
  private stopLooking(): void {
    this.leaving?.cancel();
    this.leaving?.done.resolve();
    this.leaving = undefined;
  }

  private drain(address: string, { enabled, timeoutMs }: DrainSettings): void {
    if (!enabled) this.cutThrough(address);
    else if (!this.draining.has(address)) {
      const { clock, onError } = this.site;
      const end = (): void => {
        try {
          this.cutThrough(address);
        } catch (error) {
          onError(error);
        }
      };
      this.draining.set(address, clock.setTimer(timeoutMs, end));
    }
  }

  private cutThrough(address: string): void {
    this.draining.get(address)?.();
    this.draining.delete(address);
    for (const flow of this.list()) {
      if (isForwarded(flow) && nodeAddress(flow) === address) this.cut(flow);
    }
  }

  private forgetNodes(): void {
    for (const cancel of this.draining.values()) cancel();
    this.draining.clear();
  }

  private list(): ConntrackEntry[] {
    const { address, protocol, port } = this.frontend;
    return listConntrack(this.site.connection, {
      family: address.family,
      protocol: protocolNumbers[protocol],
      originalDestination: address,
      originalDestinationPort: port,
    });
  }

  private cut(flow: ConntrackEntry): void {
    deleteConntrackEntry(this.site.connection, flow);
  }
}
