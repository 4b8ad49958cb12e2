import { Backoff, type BackoffOptions } from './backoff.ts';
import type { CancelTimer, Clock } from './clock.ts';

export interface CoalescingRunnerOptions {
  readonly clock: Clock;
  /** The work; never runs twice at a time. */
  readonly run: () => Promise<void> | void;
  /** At least this long between the start of one run and the next; 0 when absent. */
  readonly minIntervalMs?: number;
  /** Runs unasked when the last run is this long ago; never when absent. */
  readonly maxIntervalMs?: number;
  /** Between a failed run and its repetition. */
  readonly retry?: BackoffOptions;
  /** Hears of each failed run; the runner goes on. */
  readonly onError: (error: unknown) => void;
}

const defaultRetry: BackoffOptions = { baseMs: 100, capMs: 10_000 };

/**
 * Turns bursts of requests into few runs: the first request runs at once, those that arrive during the minimum
 * interval or during a run are answered by one later run. Failures repeat with a back-off.
 */
export class CoalescingRunner {
  private readonly options: CoalescingRunnerOptions;
  private readonly backoff: Backoff;
  private lastStart = -Infinity;
  private running = false;
  private wanted = false;
  private closed = false;
  private cancel: CancelTimer | undefined;
  private dueAt = Infinity;
  private waiters: (() => void)[] = [];

  constructor(options: CoalescingRunnerOptions) {
    this.options = options;
    this.backoff = new Backoff(options.retry ?? defaultRetry, { clock: options.clock });
    this.scheduleUnasked();
  }

  /** Asks for a run that starts after this call. */
  request(): void {
    if (this.closed) return;
    this.wanted = true;
    if (this.running) return;
    const { clock, minIntervalMs = 0 } = this.options;
    const rest = this.lastStart + minIntervalMs - clock.now();
    // A clock that was put back must not hold the next run up for as long.
    this.schedule(Math.min(Math.max(0, rest), minIntervalMs));
  }

  /** Asks for a run and resolves when one that started after this call has succeeded, or the runner is closed. */
  settled(): Promise<void> {
    if (this.closed) return Promise.resolve();
    const done = new Promise<void>((resolve) => {
      this.waiters.push(resolve);
    });
    this.request();
    return done;
  }

  /** Stops; a run in progress goes on to its end. */
  close(): void {
    this.closed = true;
    this.cancel?.();
    for (const resolve of this.waiters.splice(0)) resolve();
  }

  private schedule(delayMs: number): void {
    const at = this.options.clock.now() + delayMs;
    if (this.cancel !== undefined && this.dueAt <= at) return;
    this.cancel?.();
    this.dueAt = at;
    this.cancel = this.options.clock.setTimer(delayMs, () => {
      this.cancel = undefined;
      void this.runOnce();
    });
  }

  private async runOnce(): Promise<void> {
    if (this.closed || this.running) return;
    this.running = true;
    this.wanted = false;
    this.lastStart = this.options.clock.now();
    const waiters = this.waiters.splice(0);
    let failed = false;
    try {
      await this.options.run();
      this.backoff.reset();
      for (const resolve of waiters) resolve();
    } catch (error) {
      failed = true;
      this.waiters.unshift(...waiters);
      this.options.onError(error);
    } finally {
      this.running = false;
    }
    this.afterRun(failed);
  }

  private afterRun(failed: boolean): void {
    if (this.closed) {
      for (const resolve of this.waiters.splice(0)) resolve();
    } else if (failed) this.schedule(this.backoff.next());
    else if (this.wanted) this.request();
    else this.scheduleUnasked();
  }

  private scheduleUnasked(): void {
    const { maxIntervalMs } = this.options;
    if (maxIntervalMs !== undefined) this.schedule(maxIntervalMs);
  }
}
