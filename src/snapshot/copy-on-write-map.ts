import { LayeredMap } from './layered-map.ts';

/** Changes that stand beside a large map before both become one: each change after a {@link CopyOnWriteMap.share} copies them. */
const MAX_CHANGES = 128;

/**
 * A map that can be handed out as it stands: whoever holds a shared one never sees a change. What changes is kept beside the
 * bulk, which is copied once in so many changes only: with ten thousand entries a change costs as little as with ten.
 */
export class CopyOnWriteMap<K, V> {
  private bulk: ReadonlyMap<K, V> = new Map();
  private changes: Map<K, V | undefined> = new Map();
  private size = 0;
  private shared: ReadonlyMap<K, V> | undefined;

  get(key: K): V | undefined {
    return this.changes.has(key) ? this.changes.get(key) : this.bulk.get(key);
  }

  /** Sets the value, or removes it when undefined. */
  put(key: K, value: V | undefined): void {
    if (this.shared !== undefined) this.unshare();
    const before = this.get(key);
    if (before === undefined && value !== undefined) this.size += 1;
    if (before !== undefined && value === undefined) this.size -= 1;
    this.changes.set(key, value);
  }

  /** The map as it is now, for ever. */
  share(): ReadonlyMap<K, V> {
    this.shared ??= this.asLayers();
    return this.shared;
  }

  private asLayers(): ReadonlyMap<K, V> {
    const { bulk, changes, size } = this;
    return new LayeredMap<K, V>({ bulk, changes, size });
  }

  private unshare(): void {
    if (this.changes.size < MAX_CHANGES) {
      this.changes = new Map(this.changes);
    } else {
      this.bulk = new Map(this.shared);
      this.changes = new Map();
    }
    this.shared = undefined;
  }
}
