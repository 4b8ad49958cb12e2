import type { CancelTimer, Clock } from '../clock/index.ts';
import type { BackendNode } from './backend-nodes.ts';
import type { HealthCheck } from './desired-balancer.ts';
import { NodeHealth, type HealthStatus } from './node-health.ts';

export interface HealthCheckerOptions {
  readonly clock: Clock;
  readonly check: HealthCheck;
  /** Asks a node once; an abort means that its time is up. */
  readonly ask: (node: BackendNode, signal: AbortSignal) => Promise<boolean>;
  /** A node's verdict changed. */
  readonly onChange: (node: string, status: HealthStatus) => void;
}

interface Watched {
  readonly node: BackendNode;
  readonly health: NodeHealth;
  readonly abort: AbortController;
  cancel: CancelTimer;
}

const nothing: CancelTimer = () => undefined;

/** Asks every node of one load balancer, again and again. */
export class HealthChecker {
  private readonly options: HealthCheckerOptions;
  private readonly watched = new Map<string, Watched>();

  constructor(options: HealthCheckerOptions) {
    this.options = options;
  }

  /** Watches exactly these nodes; those that are watched already go on as they were. */
  watch(nodes: readonly BackendNode[]): void {
    const wanted = new Set(nodes.map(keyOf));
    for (const [key, entry] of this.watched) if (!wanted.has(key)) this.forget(key, entry);
    for (const node of nodes) {
      if (this.watched.has(keyOf(node))) continue;
      const health = new NodeHealth(this.options.check);
      const entry = { node, health, abort: new AbortController(), cancel: nothing };
      this.watched.set(keyOf(node), entry);
      void this.round(entry);
    }
  }

  close(): void {
    this.watch([]);
  }

  private forget(key: string, { abort, cancel }: Watched): void {
    this.watched.delete(key);
    cancel();
    abort.abort();
  }

  private async round(entry: Watched): Promise<void> {
    const { clock, check, onChange } = this.options;
    const isSuccess = await this.ask(entry);
    if (entry.abort.signal.aborted) return;
    if (entry.health.record(isSuccess)) onChange(entry.node.name, entry.health.status);
    entry.cancel = clock.setTimer(check.intervalMs, () => void this.round(entry));
  }

  private async ask({ node, abort }: Watched): Promise<boolean> {
    const { clock, check, ask } = this.options;
    const late = new AbortController();
    const cancel = clock.setTimer(check.timeoutMs, () => late.abort());
    try {
      return await ask(node, AbortSignal.any([abort.signal, late.signal]));
    } finally {
      cancel();
    }
  }
}

/** A node that comes back at another address is another one to the check. */
function keyOf({ name, addresses }: BackendNode): string {
  return [name, addresses[4], addresses[6]].join(' ');
}
