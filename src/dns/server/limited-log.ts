import type { Clock } from '../../clock/index.ts';

/** Lines in one interval; a client that provokes errors must not fill the disk. */
const MAX_LINES = 50;
const INTERVAL_MS = 5000;

/** Hands on so many lines in an interval, and says later how many it kept back. */
export function limitedLog(log: (text: string) => void, clock: Clock): (text: string) => void {
  let startedAt = Number.NEGATIVE_INFINITY;
  let lines = 0;
  return (text) => {
    const now = clock.now();
    if (now - startedAt >= INTERVAL_MS) {
      if (lines > MAX_LINES)
        log(`[ERROR] dns: ${lines - MAX_LINES} lines like the last were left out`);
      startedAt = now;
      lines = 0;
    }
    lines += 1;
    if (lines <= MAX_LINES) log(text);
  };
}
