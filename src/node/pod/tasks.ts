import type { Clock } from '../../clock/index.ts';
import { Aborted } from './abortable.ts';

/** Work that is under way, which nobody waits for in particular. */
export class Tasks {
  private readonly clock: Clock;
  private readonly running = new Set<Promise<void>>();
  private failure: unknown;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Follows `work`; `ended` is called at its end, whatever it was. */
  add(work: Promise<void>, ended: () => void): void {
    const task = work
      .catch((error: unknown) => {
        if (!(error instanceof Aborted)) this.failure = error;
      })
      .then(() => {
        this.running.delete(task);
        ended();
        return undefined;
      });
    this.running.add(task);
  }

  /** @throws what a task failed with since the last call; that it was aborted is no failure. */
  throwFailure(): void {
    const { failure } = this;
    this.failure = undefined;
    if (failure !== undefined) throw failure;
  }

  /** Resolves when all that runs now is done, or after `limitMs`. */
  async settled(limitMs = Infinity): Promise<void> {
    if (this.running.size === 0) return;
    const all = Promise.all(this.running);
    if (limitMs === Infinity) {
      await all;
      return;
    }
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const cancel = this.clock.setTimer(limitMs, resolve);
    await Promise.race([all, late]);
    cancel();
  }
}
