import type { CancelTimer, Clock } from '../../clock/index.ts';

/** So many repairs within a minute are made at once; more mean that something else insists. */
const LIMIT = 10;
const WINDOW_MS = 60_000;
/** Between repairs against something that insists: whoever writes in a loop must not have us do the same. */
export const SLOW_MS = 10_000;

/** How soon repairs follow one another: at once, until there are so many that it is a contest. */
export class RepairPace {
  private readonly clock: Clock;
  private readonly onOver: () => void;
  private readonly recent: number[] = [];
  private isSlow = false;
  private cancel: CancelTimer = () => {};

  /** `onOver` hears of the end of a contest: nothing had to be repaired for a minute. */
  constructor(clock: Clock, onOver: () => void) {
    this.clock = clock;
    this.onOver = onOver;
  }

  /** True from the tenth repair within a minute until there is none for a minute. */
  get isContest(): boolean {
    return this.isSlow;
  }

  /** Milliseconds until the next repair may be. */
  get delayMs(): number {
    if (!this.isSlow) return 0;
    return Math.max(0, (this.recent.at(-1) ?? 0) + SLOW_MS - this.clock.now());
  }

  /** Notes a repair, as it is made. */
  note(): void {
    const now = this.clock.now();
    this.recent.push(now);
    while (now - (this.recent[0] ?? now) >= WINDOW_MS) this.recent.shift();
    if (this.recent.length >= LIMIT) this.isSlow = true;
    if (!this.isSlow) return;
    this.cancel();
    this.cancel = this.clock.setTimer(WINDOW_MS, () => this.end());
  }

  close(): void {
    this.cancel();
  }

  private end(): void {
    this.isSlow = false;
    this.recent.length = 0;
    this.onOver();
  }
}
