/** As many as anybody needs at once, and few enough for two of them to fit into one whole double. */
const LIMIT = 2 ** 26 - 1;

/** Hands out numbers in turn, and begins anew at the end: one that was given back comes again as late as possible. */
export class Numbers {
  private readonly inUse = new Set<number>();
  private readonly first: number;
  private next: number;

  constructor(first: number) {
    this.first = first;
    this.next = first;
  }

  take(): number {
    while (this.inUse.has(this.next)) this.advance();
    const number = this.next;
    this.inUse.add(number);
    this.advance();
    return number;
  }

  giveBack(number: number): void {
    this.inUse.delete(number);
  }

  private advance(): void {
    this.next = this.next === LIMIT ? this.first : this.next + 1;
  }
}
