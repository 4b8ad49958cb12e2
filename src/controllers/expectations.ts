import type { Clock } from '../clock/index.ts';

/** After this long a controller no longer trusts that what it asked for will still be seen. */
const FORGET_AFTER_MS = 5 * 60_000;

interface Expectation {
  readonly since: number;
  readonly names: Set<string>;
}

/**
 * What a controller has asked for and not yet seen in its cache, by owner key. Until the cache has caught up, a count of it
 * would lie and the controller would create or delete twice.
 */
export class Expectations {
  private readonly clock: Clock;
  private readonly pending = new Map<string, Expectation>();

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Notes that the object `name` is about to appear or to go. */
  expect(owner: string, name: string): void {
    const existing = this.pending.get(owner);
    if (existing === undefined) {
      this.pending.set(owner, { since: this.clock.now(), names: new Set([name]) });
    } else existing.names.add(name);
  }

  /** The cache has seen it, or the request failed. */
  observed(owner: string, name: string): void {
    const existing = this.pending.get(owner);
    existing?.names.delete(name);
    if (existing?.names.size === 0) this.pending.delete(owner);
  }

  /** True when the cache shows all that was asked for. */
  areMet(owner: string): boolean {
    const existing = this.pending.get(owner);
    if (existing === undefined) return true;
    if (this.clock.now() - existing.since < FORGET_AFTER_MS) return false;
    this.pending.delete(owner);
    return true;
  }

  forget(owner: string): void {
    this.pending.delete(owner);
  }
}
