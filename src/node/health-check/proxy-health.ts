import type { Clock } from '../../clock/index.ts';

/** Whether a node's rules are what the API says: what both kinds of health check ask of the service proxy. */
export class ProxyHealth {
  private readonly clock: Clock;
  private updatedAt: number | undefined;
  private isBehind = true;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** The rules are in the kernel. */
  programmed(): void {
    this.updatedAt = this.clock.now();
    this.isBehind = false;
  }

  /** The kernel refused a change: packets may go where they should not until the next that it takes. */
  failed(): void {
    this.isBehind = true;
  }

  get isHealthy(): boolean {
    return !this.isBehind;
  }

  /** When the rules were last programmed, in milliseconds since the epoch; `undefined` before the first time. */
  get lastUpdated(): number | undefined {
    return this.updatedAt;
  }
}
