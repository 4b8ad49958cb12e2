import { ApiError, type KubeObject } from '../../kube/index.ts';
import type { StoreEvent } from '../store.ts';

/** The text kubectl and client-go know from the API server's watch cache. */
function tooOld(revision: number, oldest: number): ApiError {
  return new ApiError('Expired', `too old resource version: ${revision} (${oldest})`);
}

/**
 * The newest events, one for each revision without a gap, so that a revision is an index:
 *
 *     floor = 41:   events = [ 42, 43, 44, ... newest ]
 *
 * `floor` is the oldest revision from which a watch can start and at which a list can be told.
 */
export class History {
  private readonly limit: number;
  private floor: number;
  private events: StoreEvent[] = [];

  /** @param start the revision that is current before the first event */
  constructor(start: number, limit: number) {
    this.floor = start;
    this.limit = limit;
  }

  get newest(): number {
    return this.floor + this.events.length;
  }

  /** Appends the event of the next revision; forgets in chunks, so that appending stays cheap. */
  push(event: StoreEvent): void {
    this.events.push(event);
    if (this.events.length >= this.limit * 2) this.compact(this.newest - this.limit);
  }

  /** Forgets events up to and including `revision`. */
  compact(revision: number): void {
    const count = Math.min(revision, this.newest) - this.floor;
    if (count <= 0) return;
    this.events = this.events.slice(count);
    this.floor += count;
  }

  /** The event of a revision, undefined when it is not committed yet. @throws ApiError `Expired` */
  at(revision: number): StoreEvent | undefined {
    if (revision <= this.floor) throw tooOld(revision - 1, this.floor);
    return this.events[revision - this.floor - 1];
  }

  /** @throws ApiError `Expired` when a watch cannot start after `revision`. */
  assertHolds(revision: number): void {
    if (revision < this.floor) throw tooOld(revision, this.floor);
  }

  holds(revision: number): boolean {
    return revision >= this.floor;
  }

  /**
   * What differed at `revision` from now: each key with `prefix` that was written since, with its object as it was
   * then (undefined when it did not exist).
   */
  differencesAt(revision: number, prefix: string): Map<string, KubeObject | undefined> {
    const then = new Map<string, KubeObject | undefined>();
    for (const event of this.events.slice(Math.max(0, revision - this.floor))) {
      if (!event.key.startsWith(prefix) || then.has(event.key)) continue;
      then.set(event.key, event.previous);
    }
    return then;
  }
}
