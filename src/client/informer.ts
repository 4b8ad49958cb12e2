import type { KubeObject } from '../kube/index.ts';

/** One change of an informer's cache; `previous` is absent on the first sight, `next` after deletion. */
export interface Change<T extends KubeObject> {
  readonly previous: T | undefined;
  readonly next: T | undefined;
}

/** A synchronised cache of one resource: list, then watch, and list again whenever the watch expires. */
export interface Informer<T extends KubeObject> {
  /** Resolves when the first list is in the cache and its listeners have run. */
  readonly synced: Promise<void>;
  /** `NAMESPACE/NAME`, or `NAME` for cluster-scoped objects. */
  get(key: string): T | undefined;
  list(): readonly T[];
  /** Objects under an index made with `indexBy`. */
  byIndex(index: string, value: string): readonly T[];
  /** Adds an index; `keys` names the values an object stands under. Call before `synced` or later, both work. */
  indexBy(index: string, keys: (object: T) => readonly string[]): void;
  /** Calls `listener` for every change from now on (a late listener first gets every cached object as added). */
  onChange(listener: (change: Change<T>) => void): void;
  close(): void;
}
