import { Backoff, type BackoffOptions } from './backoff.ts';
import type { CancelTimer, Clock } from './clock.ts';

export interface WorkQueueOptions {
  readonly clock: Clock;
  /** Handles one key. A rejection repeats it with the key's back-off. */
  readonly process: (key: string) => Promise<void>;
  /** Hears of each failed attempt; the key is repeated all the same. */
  readonly onError: (key: string, error: unknown) => void;
  /** How many keys are handled at a time; 8 when absent. */
  readonly concurrency?: number;
  /** Of each key; 5 ms doubling to 30 s when absent. */
  readonly backoff?: BackoffOptions;
}

const defaultBackoff: BackoffOptions = { baseMs: 5, capMs: 30_000 };

interface Delay {
  readonly at: number;
  readonly cancel: CancelTimer;
}

/**
 * Keys to reconcile. A key that waits is not queued twice; a key in work that is added again runs once more
 * afterwards; no key is ever handled twice at a time.
 */
export class WorkQueue {
  private readonly options: WorkQueueOptions;
  private readonly waiting = new Set<string>();
  private readonly inWork = new Set<string>();
  private readonly again = new Set<string>();
  private readonly delays = new Map<string, Delay>();
  private readonly backoffs = new Map<string, Backoff>();
  private scheduled = false;
  private closed = false;
  private idle: (() => void)[] = [];

  constructor(options: WorkQueueOptions) {
    this.options = options;
  }

  /** Handles the key as soon as a worker is free. */
  add(key: string): void {
    if (this.closed) return;
    if (this.inWork.has(key)) this.again.add(key);
    else {
      this.waiting.add(key);
      this.schedule();
    }
  }

  /** Handles the key in `delayMs`; an earlier appointment of the key stands, a later one is replaced. */
  addAfter(key: string, delayMs: number): void {
    if (this.closed) return;
    if (delayMs <= 0) {
      this.add(key);
      return;
    }
    const at = this.options.clock.now() + delayMs;
    const existing = this.delays.get(key);
    if (existing !== undefined && existing.at <= at) return;
    existing?.cancel();
    const cancel = this.options.clock.setTimer(delayMs, () => {
      this.delays.delete(key);
      this.add(key);
    });
    this.delays.set(key, { at, cancel });
  }

  /** Drops what waits and resolves when nothing is in work any more. */
  async close(): Promise<void> {
    this.closed = true;
    for (const { cancel } of this.delays.values()) cancel();
    this.delays.clear();
    this.waiting.clear();
    this.again.clear();
    if (this.inWork.size === 0) return;
    await new Promise<void>((resolve) => {
      this.idle.push(resolve);
    });
  }

  /** Work starts in a later turn, so that a burst of events is one reconciliation of each key. */
  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      this.startWaiting();
    });
  }

  private startWaiting(): void {
    const limit = this.options.concurrency ?? 8;
    for (const key of this.waiting) {
      if (this.inWork.size >= limit) return;
      this.waiting.delete(key);
      void this.handle(key);
    }
  }

  private async handle(key: string): Promise<void> {
    this.inWork.add(key);
    try {
      await this.options.process(key);
      this.backoffs.delete(key);
    } catch (error) {
      this.options.onError(key, error);
      this.addAfter(key, this.backoffOf(key).next());
    } finally {
      this.inWork.delete(key);
    }
    if (this.again.delete(key)) this.waiting.add(key);
    if (this.waiting.size > 0) this.schedule();
    if (this.inWork.size === 0) for (const resolve of this.idle.splice(0)) resolve();
  }

  private backoffOf(key: string): Backoff {
    const existing = this.backoffs.get(key);
    if (existing !== undefined) return existing;
    const made = new Backoff(this.options.backoff ?? defaultBackoff, { clock: this.options.clock });
    this.backoffs.set(key, made);
    return made;
  }
}
