import { ApiError, type KubeObject } from '../../kube/index.ts';
import type { StoreEvent, StoreKey, StoreList, StoreWatch, WatchHandlers } from '../store.ts';
import { Entry } from './frozen.ts';
import { History } from './history.ts';
import { SortedKeys } from './sorted-keys.ts';
import { WatchHub } from './watch-hub.ts';

/** The API server's texts for a list at a revision that is gone. */
const expiredList = 'The resourceVersion for the provided list is too old.';
const expiredContinue =
  'The provided continue parameter is too old to display a consistent list result. You must start a new ' +
  'list without the continue parameter.';

export interface ListRequest {
  readonly prefix: string;
  readonly revision?: number;
  readonly limit?: number;
  readonly after?: StoreKey;
}

/** The current objects, their recent history and their watchers: all that a store answers reads from. */
export class State {
  private readonly entries = new Map<StoreKey, Entry>();
  private readonly keys = new SortedKeys();
  private readonly history: History;
  private readonly hub: WatchHub;

  /**
   * @param start the revision of the newest write that was loaded
   * @param window how many events are kept at least
   */
  constructor(start: number, window: number) {
    this.history = new History(start, window);
    this.hub = new WatchHub(this.history);
  }

  get revision(): number {
    return this.history.newest;
  }

  /** Takes an object that was there before the history began. */
  load(key: StoreKey, entry: Entry): void {
    this.entries.set(key, entry);
    this.keys.add(key);
  }

  get(key: StoreKey): Entry | undefined {
    return this.entries.get(key);
  }

  /** Takes a committed write of the next revision and returns the object. */
  put(key: StoreKey, text: string): KubeObject {
    const before = this.entries.get(key);
    const revision = this.revision + 1;
    const entry = new Entry(revision, text);
    this.entries.set(key, entry);
    if (before === undefined) this.keys.add(key);
    this.publish({
      type: before === undefined ? 'ADDED' : 'MODIFIED',
      key,
      object: entry.object,
      ...(before === undefined ? {} : { previous: before.object }),
      revision,
    });
    return entry.object;
  }

  /** Takes a committed deletion; `last` is the object's final state. */
  remove(key: StoreKey, last: KubeObject): void {
    const before = this.entries.get(key);
    this.entries.delete(key);
    this.keys.delete(key);
    const previous = before === undefined ? {} : { previous: before.object };
    this.publish({ type: 'DELETED', key, object: last, ...previous, revision: this.revision + 1 });
  }

  list(request: ListRequest): StoreList {
    const { prefix, after, limit = Infinity, revision = this.revision } = request;
    this.assertListable(revision, after);
    const then = this.history.differencesAt(revision, prefix);
    const keys = this.keysAt(then, prefix, after);
    const page = keys.slice(0, limit);
    const remaining = keys.length - page.length;
    const last = page.at(-1);
    return {
      objects: page.flatMap((key) => this.objectAt(then, key) ?? []),
      revision,
      ...(remaining > 0 && last !== undefined ? { next: last } : {}),
      remaining,
    };
  }

  watch(options: { prefix: string; after: number }, handlers: WatchHandlers): StoreWatch {
    return this.hub.watch(options, handlers);
  }

  compact(revision: number): void {
    this.history.compact(revision);
  }

  close(reason: Error): void {
    this.hub.close(reason);
  }

  private publish(event: StoreEvent): void {
    this.history.push(event);
    this.hub.notify();
  }

  private assertListable(revision: number, after: StoreKey | undefined): void {
    if (!this.history.holds(revision))
      throw new ApiError('Expired', after === undefined ? expiredList : expiredContinue);
    if (revision > this.revision)
      throw new ApiError(
        'Timeout',
        `Too large resource version: ${revision}, current: ${this.revision}`,
      );
  }

  private keysAt(
    then: ReadonlyMap<StoreKey, KubeObject | undefined>,
    prefix: string,
    after: StoreKey = '',
  ): StoreKey[] {
    const current = this.keys.range(prefix, after);
    if (then.size === 0) return current;
    const gone = [...then].flatMap(([key, object]) =>
      object !== undefined && key > after && !this.entries.has(key) ? [key] : [],
    );
    const kept = current.filter((key) => !then.has(key) || then.get(key) !== undefined);
    return gone.length === 0 ? kept : [...kept, ...gone].sort();
  }

  private objectAt(
    then: ReadonlyMap<StoreKey, KubeObject | undefined>,
    key: StoreKey,
  ): KubeObject | undefined {
    return then.has(key) ? then.get(key) : this.entries.get(key)?.object;
  }
}
