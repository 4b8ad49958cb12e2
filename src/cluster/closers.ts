/** Undoes what was done, last first; one failure does not keep the others from their turn. */
export class Closers {
  private readonly steps: (() => void | Promise<void>)[] = [];

  add(close: () => void | Promise<void>): void {
    this.steps.push(close);
  }

  /** @throws AggregateError with every failure. */
  async close(): Promise<void> {
    const failures: unknown[] = [];
    for (const close of this.steps.splice(0).toReversed()) {
      try {
        await close();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, 'not everything could be closed');
  }
}
