/** As kube-controller-manager: more than this many at once wait for the next round. */
const BURST = 500;

/**
 * Calls `act` for each item, 1, 2, 4... at a time: when the first is refused (a quota, a bad template), the others
 * are not tried. Rejects with the first refusal.
 */
export async function slowStart<T>(
  items: readonly T[],
  act: (item: T) => Promise<void>,
): Promise<void> {
  const some = items.slice(0, BURST);
  for (let done = 0, size = 1; done < some.length; done += size, size *= 2) {
    await Promise.all(some.slice(done, done + size).map(act));
  }
}

/** Calls `act` for all items at the same time, as far as one round goes. Rejects with the first refusal. */
export async function atOnce<T>(
  items: readonly T[],
  act: (item: T) => Promise<void>,
): Promise<void> {
  await Promise.all(items.slice(0, BURST).map(act));
}
