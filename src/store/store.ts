import type { KubeObject } from '../kube/index.ts';

/**
 * Where an object lives: `registry key` as etcd users know it, `/GROUP/PLURAL/NAMESPACE/NAME`
 * (`core` for the empty group, no NAMESPACE segment for cluster-scoped objects).
 */
export type StoreKey = string;

export type StoreEventType = 'ADDED' | 'MODIFIED' | 'DELETED';

/** One committed change. */
export interface StoreEvent {
  readonly type: StoreEventType;
  readonly key: StoreKey;
  /** The object after the change; for `DELETED` its last state, with the revision of the deletion. */
  readonly object: KubeObject;
  /** The state before, absent for `ADDED`; lets a watch with a selector turn a change into an add or delete. */
  readonly previous?: KubeObject;
  readonly revision: number;
}

/** A page of a list. */
export interface StoreList {
  readonly objects: readonly KubeObject[];
  /** The revision at which the whole list is true. */
  readonly revision: number;
  /** Set when `limit` cut the list: pass it as `after` with the same revision for the next page. */
  readonly next?: StoreKey;
  /** How many objects are left after this page. */
  readonly remaining: number;
}

/** A stream of changes in order of revision. */
export interface StoreWatch {
  close(): void;
}

export interface WatchHandlers {
  /** Called in order, never re-entrantly, after the write that caused it is durable. */
  onEvent(event: StoreEvent): void;
  /** The watch ended by itself: an ApiError `Expired` when it fell behind the window, or the store closed. */
  onEnd(reason: Error | undefined): void;
}

/**
 * Versioned objects. The store owns `metadata.resourceVersion`: it sets it on every object it returns, to the
 * decimal text of the revision of that object's last write. Revisions grow by one for each write, over all keys.
 * Returned objects are shared and deeply frozen: copy before changing. A promise that a write returns resolves
 * only when the write survives `kill -9` of this process. Failures are {@link ApiError}s only where named here.
 */
export interface Store {
  /** The revision of the newest committed write. */
  revision(): Promise<number>;
  get(key: StoreKey): Promise<KubeObject | undefined>;
  /**
   * Objects whose key starts with `prefix`, in key order. With `revision`, the list as it was then.
   * @throws ApiError `Expired` when that revision is compacted.
   */
  list(options: {
    prefix: string;
    revision?: number;
    limit?: number;
    after?: StoreKey;
  }): Promise<StoreList>;
  /** @returns undefined when the key exists. */
  create(key: StoreKey, object: KubeObject): Promise<KubeObject | undefined>;
  /** @returns undefined when the key's revision is not `expected` (or the key is gone). */
  update(key: StoreKey, object: KubeObject, expected: string): Promise<KubeObject | undefined>;
  /** Removes the key and returns the object's last state; undefined as for {@link update}. */
  delete(key: StoreKey, expected: string, last?: KubeObject): Promise<KubeObject | undefined>;
  /**
   * Watches keys with `prefix` from just after revision `after`. Events that are already committed are delivered
   * first, without a gap.
   * @throws ApiError `Expired` when `after` is older than the window.
   */
  watch(options: { prefix: string; after: number }, handlers: WatchHandlers): StoreWatch;
  /** Forgets history up to `revision`; current objects stay. */
  compact(revision: number): Promise<void>;
  close(): Promise<void>;
}
