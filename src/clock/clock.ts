/** Forgets a timer; harmless when it has run or was cancelled before. */
export type CancelTimer = () => void;

/** Time as everything in this repository sees it: injected, so that tests turn it by hand. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls `run` once, `delayMs` from now; zero and less mean as soon as possible, never synchronously. */
  setTimer(delayMs: number, run: () => void): CancelTimer;
}

/** Node's timers overflow above 2^31 - 1 ms (25 days) and would fire at once: longer waits are made in stages. */
const longestDelayMs = 2 ** 31 - 1;

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  setTimer(delayMs, run) {
    let timer: NodeJS.Timeout;
    const wait = (restMs: number): void => {
      const stageMs = Math.min(Math.max(0, restMs), longestDelayMs);
      timer = setTimeout(restMs > stageMs ? () => wait(restMs - stageMs) : run, stageMs);
    };
    wait(delayMs);
    return () => clearTimeout(timer);
  },
};

/** `meta/v1 Time` as the API writes it: RFC 3339, UTC, whole seconds. */
export function timestamp(clock: Clock): string {
  return `${new Date(clock.now()).toISOString().slice(0, 19)}Z`;
}

/** `meta/v1 MicroTime` as Leases and Events write it: RFC 3339, UTC, microseconds. */
export function microTimestamp(clock: Clock): string {
  return new Date(clock.now()).toISOString().replace('Z', '000Z');
}
