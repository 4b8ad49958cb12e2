import type { Clock } from './clock.ts';

export interface BackoffOptions {
  /** First delay in milliseconds. */
  readonly baseMs: number;
  /** What each delay is multiplied by; 2 when absent. */
  readonly factor?: number;
  /** The longest delay in milliseconds. */
  readonly capMs: number;
  /** Adds up to this share of the delay at random: 0.1 makes 100 ms at most 110 ms. None when absent. */
  readonly jitter?: number;
  /** Starts again at the base when the last failure is this long ago; never when absent. */
  readonly resetAfterMs?: number;
}

/** Where a {@link Backoff} gets time and chance from. */
export interface BackoffSources {
  readonly clock: Clock;
  /** In [0, 1); `Math.random` when absent. */
  readonly random?: () => number;
}

/** Growing delays between attempts at one thing. */
export class Backoff {
  private readonly options: BackoffOptions;
  private readonly sources: BackoffSources;
  private failures = 0;
  private lastFailure = 0;

  constructor(options: BackoffOptions, sources: BackoffSources) {
    this.options = options;
    this.sources = sources;
  }

  /** How many delays were handed out since the last reset. */
  get attempts(): number {
    return this.failures;
  }

  /** Notes a failure and returns the milliseconds to wait before the next attempt. */
  next(): number {
    const { baseMs, capMs, factor = 2, jitter = 0, resetAfterMs = Infinity } = this.options;
    const now = this.sources.clock.now();
    if (now - this.lastFailure >= resetAfterMs) this.failures = 0;
    this.lastFailure = now;
    const delay = Math.min(capMs, baseMs * factor ** this.failures);
    this.failures += 1;
    return delay * (1 + jitter * (this.sources.random ?? Math.random)());
  }

  /** The thing worked: the next failure waits the base delay. */
  reset(): void {
    this.failures = 0;
  }
}
