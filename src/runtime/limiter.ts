/** Runs at most so many jobs at a time; the others wait in order. */
export type Limiter = <T>(job: () => Promise<T>) => Promise<T>;

/** Makes a {@link Limiter} of `width` places. */
export function createLimiter(width: number): Limiter {
  let free = width;
  const waiting: (() => void)[] = [];
  const enter = async (): Promise<void> => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
  };
  // A place that somebody waits for is handed over, never freed: a newcomer cannot slip in between.
  const leave = (): void => {
    const next = waiting.shift();
    if (next === undefined) free += 1;
    else next();
  };
  return async (job) => {
    await enter();
    try {
      return await job();
    } finally {
      leave();
    }
  };
}
