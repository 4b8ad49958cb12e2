import type { CancelTimer, Clock } from '../../clock/index.ts';

interface Countdown {
  since: number;
  ms: number;
  isOver: boolean;
}

/**
 * Many countdowns on one timer. Only time in which this process ran counts: when the timer rings late, because the machine
 * was asleep or the process stopped, everything gets the lost time back. A countdown is over when the timer has said so,
 * never by a look at the clock alone.
 */
export class Countdowns {
  private readonly clock: Clock;
  private readonly onOver: (key: string) => void;
  private readonly entries = new Map<string, Countdown>();
  private dueAt = Infinity;
  private cancel: CancelTimer = () => {};
  private isClosed = false;

  constructor(clock: Clock, onOver: (key: string) => void) {
    this.clock = clock;
    this.onOver = onOver;
  }

  /** Counts `ms` from now, also when it counted before. */
  restart(key: string, ms: number): void {
    this.entries.set(key, { since: this.clock.now(), ms, isOver: false });
    this.ringAt(this.clock.now() + ms);
  }

  /** Counts `ms` from the first time that this was asked. */
  keep(key: string, ms: number): void {
    const entry = this.entries.get(key);
    if (entry === undefined) this.restart(key, ms);
    else if (!entry.isOver && entry.ms !== ms) {
      entry.ms = ms;
      this.ringAt(entry.since + ms);
    }
  }

  /** @returns whether there was one */
  stop(key: string): boolean {
    return this.entries.delete(key);
  }

  isOver(key: string): boolean {
    return this.entries.get(key)?.isOver === true;
  }

  close(): void {
    this.isClosed = true;
    this.cancel();
    this.entries.clear();
  }

  /** The timer stays where it is when its reason has gone: it rings once for nothing and finds the next. */
  private ringAt(at: number): void {
    if (this.isClosed || this.dueAt <= at) return;
    this.cancel();
    this.dueAt = at;
    this.cancel = this.clock.setTimer(at - this.clock.now(), () => this.ring());
  }

  private ring(): void {
    const now = this.clock.now();
    const lateMs = Math.max(0, now - this.dueAt);
    this.dueAt = Infinity;
    let next = Infinity;
    const over: string[] = [];
    for (const [key, entry] of this.entries) {
      if (entry.isOver) continue;
      entry.since = Math.min(now, entry.since + lateMs);
      entry.isOver = entry.since + entry.ms <= now;
      if (entry.isOver) over.push(key);
      else next = Math.min(next, entry.since + entry.ms);
    }
    if (next < Infinity) this.ringAt(next);
    for (const key of over) this.onOver(key);
  }
}
