import { isIPv6 } from 'node:net';
import { Fault } from '../fault/index.ts';
import type { Kernel, NamespacePath } from '../kernel/index.ts';
import { type Binding, isSameTarget, listenKey, type ListenPoint } from './binding.ts';
import { Budget, type Door } from './door.ts';
import { listenFault, requireLoopback } from './listen-fault.ts';
import { openTcpDoor } from './tcp-door.ts';
import { openUdpDoor } from './udp-door.ts';

/** Each costs two descriptors. */
const MAX_CONNECTIONS = 4096;
/** As long as conntrack remembers a UDP stream (`nf_conntrack_udp_timeout_stream`). */
const UDP_IDLE_MS = 120_000;

export interface PublisherOptions {
  readonly kernel: Kernel;
  /** Where targets are dialled. */
  readonly fabric: NamespacePath;
  /** Connections and UDP sessions at a time, of all bindings together; those beyond are reset. Default 4096. */
  readonly maxConnections?: number;
  /** Milliseconds after which a UDP session without datagrams is forgotten. Default two minutes. */
  readonly udpIdleMs?: number;
}

/** Makes addresses inside the fabric reachable from the host's own loopback, and from nowhere else. */
export interface Publisher {
  /**
   * Starts listening; resolves when connections are accepted. Publishing the same binding again is no error.
   * @throws Fault `PUBLISH_NOT_LOOPBACK`, `PUBLISH_ADDRESS_IN_USE` (naming the holder where known), `PUBLISH_FAILED`.
   */
  publish(binding: Binding): Promise<void>;
  /** Stops listening; established connections go on. No error when nothing listens there. */
  unpublish(point: ListenPoint): Promise<void>;
  /** Publishes and unpublishes until exactly `desired` listens; returns what could not be, to be tried again. */
  sync(desired: readonly Binding[]): Promise<readonly Fault[]>;
  list(): readonly Binding[];
  /** Stops listening and ends every connection. */
  close(): Promise<void>;
}

export function createPublisher(options: PublisherOptions): Publisher {
  return new LoopbackPublisher(options);
}

interface Entry {
  readonly binding: Binding;
  readonly door: Door;
}

class LoopbackPublisher implements Publisher {
  private readonly options: PublisherOptions;
  private readonly budget: Budget;
  private readonly entries = new Map<string, Entry>();
  /** Doors that no longer listen but may still have connections. */
  private readonly retired = new Set<Door>();
  /** Changes happen one after the other: an address is let go of before it is taken again. */
  private queue: Promise<unknown> = Promise.resolve();

  constructor(options: PublisherOptions) {
    this.options = options;
    this.budget = new Budget(options.maxConnections ?? MAX_CONNECTIONS);
  }

  publish(binding: Binding): Promise<void> {
    return this.enqueue(() => this.open(binding));
  }

  unpublish(point: ListenPoint): Promise<void> {
    return this.enqueue(async () => this.retire(listenKey(point)));
  }

  sync(desired: readonly Binding[]): Promise<readonly Fault[]> {
    return this.enqueue(() => this.converge(desired));
  }

  list(): readonly Binding[] {
    return [...this.entries.values()].map(({ binding }) => binding);
  }

  close(): Promise<void> {
    return this.enqueue(async () => {
      const doors = [...this.retired, ...[...this.entries.values()].map(({ door }) => door)];
      this.entries.clear();
      this.retired.clear();
      await Promise.all(doors.map((door) => door.close()));
    });
  }

  private enqueue<T>(change: () => Promise<T>): Promise<T> {
    const result = this.queue.then(change);
    // Whoever asked for a change gets its failure; the next change does not.
    this.queue = result.catch(() => undefined);
    return result;
  }

  private async converge(desired: readonly Binding[]): Promise<readonly Fault[]> {
    const wanted = new Set(desired.map(listenKey));
    for (const key of this.entries.keys()) {
      if (!wanted.has(key)) {
        this.retire(key);
      }
    }
    const faults: Fault[] = [];
    for (const binding of desired) {
      try {
        await this.open(binding);
      } catch (error) {
        if (!(error instanceof Fault)) {
          throw error;
        }
        faults.push(error);
      }
    }
    return faults;
  }

  private async open(binding: Binding): Promise<void> {
    const key = listenKey(binding);
    const existing = this.entries.get(key);
    if (existing !== undefined && isSameTarget(existing.binding, binding)) {
      return;
    }
    requireLoopback(binding);
    this.retire(key);
    this.entries.set(key, { binding, door: await this.openDoor(binding) });
  }

  private async openDoor(binding: Binding): Promise<Door> {
    const { kernel, fabric, udpIdleMs = UDP_IDLE_MS } = this.options;
    const { listen, target, protocol } = binding;
    try {
      return await (protocol === 'TCP' ? openTcpDoor : openUdpDoor)({
        entrance: listen,
        family: isIPv6(listen.address) ? 6 : 4,
        kernel,
        fabric,
        budget: this.budget,
        udpIdleMs,
        route: () => ({ target }),
      });
    } catch (error) {
      throw await listenFault(binding, error);
    }
  }

  private retire(key: string): void {
    const entry = this.entries.get(key);
    if (entry !== undefined) {
      this.entries.delete(key);
      this.retired.add(entry.door);
      void entry.door.stop().then(() => this.retired.delete(entry.door));
    }
  }
}
