import type { CancelTimer, Clock } from '../clock/index.ts';
import type { Family } from '../ip/index.ts';
import type { Caller, Route } from '../publish/index.ts';
import type { BackendNode } from './backend-nodes.ts';
import { chooseNode } from './choose-node.ts';
import type { CheckedNode } from './kernel-path/carriage.ts';
import type { HealthStatus } from './node-health.ts';
import type { DrainSettings } from './settings.ts';

/** Which port of a node, and how. */
export interface NodeTarget {
  readonly family: Family;
  readonly protocol: 'TCP' | 'UDP';
  readonly nodePort: number;
  /** One client goes to one node. */
  readonly hasAffinity: boolean;
  readonly preamble?: string;
  /** Whose address the node is to see. */
  readonly source?: string;
}

/** A node as people are shown it. */
export interface BackendSummary {
  readonly node: string;
  readonly status: HealthStatus;
  /** Open connections and UDP sessions. */
  readonly connections: number;
}

/** One connection or session that goes through a node. */
interface Lease {
  readonly protocol: 'TCP' | 'UDP';
  readonly end: () => void;
}

class Backend {
  readonly node: BackendNode;
  readonly leases = new Set<Lease>();
  status: HealthStatus = 'unknown';

  constructor(node: BackendNode) {
    this.node = node;
  }

  get name(): string {
    return this.node.name;
  }

  end(isEnded: (lease: Lease) => boolean = () => true): void {
    for (const lease of this.leases) if (isEnded(lease)) lease.end();
  }
}

const noNodes: ReadonlySet<string> = new Set();

/** The nodes of one load balancer and what goes through each. */
export class BackendPool {
  private readonly clock: Clock;
  private backends: readonly Backend[] = [];
  private readonly leaving = new Map<Backend, CancelTimer>();
  private turn = 0;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Sends new connections to these nodes; those of nodes that left drain. True when anything changed. */
  update(nodes: readonly BackendNode[], draining: DrainSettings): boolean {
    const next = nodes.map((node) => this.find(node) ?? new Backend(node));
    const kept = new Set(next);
    const left = this.backends.filter((backend) => !kept.has(backend));
    const isChanged = left.length > 0 || next.length !== this.backends.length;
    this.backends = next;
    for (const backend of left) this.drain(backend, draining);
    return isChanged;
  }

  /** Takes a verdict over. UDP clients of a sick node find another with their next datagram. */
  setStatus(node: string, status: HealthStatus): void {
    for (const backend of this.backends) {
      if (backend.name !== node) continue;
      backend.status = status;
      if (status === 'unhealthy') backend.end(({ protocol }) => protocol === 'UDP');
    }
  }

  /** Forgets all verdicts, as when the check has changed. */
  forgetStatus(): void {
    for (const backend of this.backends) backend.status = 'unknown';
  }

  /** A way for a new caller; undefined when there is no node to be tried. */
  route(
    caller: Caller,
    target: NodeTarget,
    tried: ReadonlySet<string> = noNodes,
  ): Route | undefined {
    const { family, protocol, nodePort: port, hasAffinity, preamble, source } = target;
    const client = hasAffinity ? { client: caller.address.address } : {};
    const reachable = this.backends.filter(({ node }) => node.addresses[family] !== undefined);
    const backend = chooseNode(reachable, { ...client, turn: this.turn++, tried });
    const address = backend?.node.addresses[family];
    if (backend === undefined || address === undefined) return undefined;
    const lease: Lease = { protocol, end: () => caller.end() };
    backend.leases.add(lease);
    return {
      target: { address, port },
      ...(preamble === undefined ? {} : { preamble }),
      ...(source === undefined ? {} : { source }),
      next: () => this.route(caller, target, new Set([...tried, backend.name])),
      ended: () => this.giveBack(backend, lease),
    };
  }

  /** @param others connections besides the pool's own, by the address of the node that they go through */
  list(others: readonly ReadonlyMap<string, number>[] = []): BackendSummary[] {
    return this.backends.map(({ name, node, status, leases }) => {
      const besides = Object.values(node.addresses).flatMap((address) =>
        others.map((counts) => counts.get(address) ?? 0),
      );
      const connections = besides.reduce((total, count) => total + count, leases.size);
      return { node: name, status, connections };
    });
  }

  /** The nodes with what is known of each. */
  nodes(): CheckedNode[] {
    return this.backends.map(({ node, status }) => ({ ...node, status }));
  }

  /** Waits for nothing any more; whoever owns the doors ends the connections. */
  close(): void {
    for (const cancel of this.leaving.values()) cancel();
    this.leaving.clear();
  }

  private find({ name, addresses }: BackendNode): Backend | undefined {
    return this.backends.find(
      ({ node }) =>
        node.name === name &&
        node.addresses[4] === addresses[4] &&
        node.addresses[6] === addresses[6],
    );
  }

  private drain(backend: Backend, { enabled, timeoutMs }: DrainSettings): void {
    if (!enabled) {
      backend.end();
    } else if (backend.leases.size > 0) {
      const end = (): void => {
        this.leaving.delete(backend);
        backend.end();
      };
      this.leaving.set(backend, this.clock.setTimer(timeoutMs, end));
    }
  }

  private giveBack(backend: Backend, lease: Lease): void {
    backend.leases.delete(lease);
    if (backend.leases.size > 0) return;
    this.leaving.get(backend)?.();
    this.leaving.delete(backend);
  }
}
