/**
 * Gives things numbers, to be keys of maps. A thing has one number for as long as anyone holds it, and no number is
 * ever given twice: whatever the kernel still remembers by an old number can mean nothing else.
 */
export class Numbers {
  private readonly held = new Map<string, { readonly number: number; count: number }>();
  private last = 0;

  /** Holds the thing once more. 1 is the least: 0 is the mark of a packet or connection that has none. */
  take(name: string): number {
    const entry = this.held.get(name);
    if (entry !== undefined) {
      entry.count += 1;
      return entry.number;
    }
    this.last += 1;
    this.held.set(name, { number: this.last, count: 1 });
    return this.last;
  }

  give(name: string): void {
    const entry = this.held.get(name);
    if (entry === undefined) return;
    entry.count -= 1;
    if (entry.count === 0) this.held.delete(name);
  }
}
