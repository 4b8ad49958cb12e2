/** One entry that differs from what was last drained. */
export interface LedgerChange<T> {
  readonly previous: T | undefined;
  readonly next: T | undefined;
}

/**
 * Things that several owners hold together: each stands while anyone holds it. Remembers which changed since the last
 * drain, so that the cost of a change does not depend on how many things there are.
 */
export class Ledger<T> {
  private readonly held = new Map<string, { value: T; count: number }>();
  private readonly touched = new Map<string, T | undefined>();
  private readonly isSame: (a: T, b: T) => boolean;

  constructor(isSame: (a: T, b: T) => boolean) {
    this.isSame = isSame;
  }

  /** Holds once more; the value last given wins. */
  acquire(id: string, value: T): void {
    this.touch(id);
    const entry = this.held.get(id);
    this.held.set(id, { value, count: (entry?.count ?? 0) + 1 });
  }

  release(id: string): void {
    const entry = this.held.get(id);
    if (entry === undefined) return;
    this.touch(id);
    if (entry.count === 1) this.held.delete(id);
    else this.held.set(id, { value: entry.value, count: entry.count - 1 });
  }

  /** The changes since the last drain; what came back to what it was is none. */
  drain(): LedgerChange<T>[] {
    const changes: LedgerChange<T>[] = [];
    for (const [id, previous] of this.touched) {
      const next = this.held.get(id)?.value;
      const isUnchanged =
        previous === undefined || next === undefined
          ? previous === next
          : this.isSame(previous, next);
      if (!isUnchanged) changes.push({ previous, next });
    }
    this.settle();
    return changes;
  }

  /** Forgets the changes since the last drain, as if they had been drained. */
  settle(): void {
    this.touched.clear();
  }

  values(): T[] {
    return Array.from(this.held.values(), ({ value }) => value);
  }

  private touch(id: string): void {
    if (!this.touched.has(id)) this.touched.set(id, this.held.get(id)?.value);
  }
}
