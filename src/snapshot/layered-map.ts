/** A large map, and what is otherwise now; a key that is gone is undefined among the changes. */
export interface Layer<K, V> {
  readonly bulk: ReadonlyMap<K, V>;
  readonly changes: ReadonlyMap<K, V | undefined>;
  /** Entries in all. */
  readonly size: number;
}

/** Both layers as one map; what changed keeps its place, what is new comes last. */
export class LayeredMap<K, V> implements ReadonlyMap<K, V> {
  readonly size: number;
  private readonly bulk: ReadonlyMap<K, V>;
  private readonly changes: ReadonlyMap<K, V | undefined>;

  constructor({ bulk, changes, size }: Layer<K, V>) {
    this.bulk = bulk;
    this.changes = changes;
    this.size = size;
  }

  get(key: K): V | undefined {
    const changed = this.changes.get(key);
    if (changed !== undefined) return changed;
    return this.changes.has(key) ? undefined : this.bulk.get(key);
  }

  has(key: K): boolean {
    return this.get(key) !== undefined;
  }

  forEach(body: (value: V, key: K, map: ReadonlyMap<K, V>) => void): void {
    for (const [key, value] of this.entries()) body(value, key, this);
  }

  *entries(): MapIterator<[K, V]> {
    const { bulk, changes } = this;
    for (const entry of bulk) {
      const [key] = entry;
      if (!changes.has(key)) yield entry;
      else {
        const value = changes.get(key);
        if (value !== undefined) yield [key, value];
      }
    }
    for (const [key, value] of changes) {
      if (value !== undefined && !bulk.has(key)) yield [key, value];
    }
    return undefined;
  }

  *keys(): MapIterator<K> {
    for (const [key] of this.entries()) yield key;
    return undefined;
  }

  *values(): MapIterator<V> {
    for (const [, value] of this.entries()) yield value;
    return undefined;
  }

  [Symbol.iterator](): MapIterator<[K, V]> {
    return this.entries();
  }
}
