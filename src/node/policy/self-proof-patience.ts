/** What a turn of the event loop takes at most when this process does nothing but wait, with room to spare. */
const IDLE_TURN_MS = 10;

/**
 * A time limit for whoever waits by turns of the event loop. What has arrived is seen only between turns, so a turn that
 * this process spends programming ten thousand Services says nothing of what is waited for: it counts as an idle one.
 */
export class Patience {
  private leftMs: number;
  private readonly now: () => number;
  private last: number;

  /** @param now milliseconds of a clock that never goes back */
  constructor(limitMs: number, now: () => number = () => performance.now()) {
    this.leftMs = limitMs;
    this.now = now;
    this.last = now();
  }

  get isOver(): boolean {
    return this.leftMs <= 0;
  }

  /** Counts the turn that ends. @returns whether there is time for another */
  endTurn(): boolean {
    const now = this.now();
    this.leftMs -= Math.min(now - this.last, IDLE_TURN_MS);
    this.last = now;
    return !this.isOver;
  }
}
