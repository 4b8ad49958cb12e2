/**
 * A map that can be handed out as it stands: the next change after {@link share} copies it first, so that whoever
 * holds the shared one never sees a change. A burst of changes costs one copy.
 */
export class CopyOnWriteMap<K, V> {
  private entries = new Map<K, V>();
  private isShared = false;

  get(key: K): V | undefined {
    return this.entries.get(key);
  }

  /** Sets the value, or removes it when undefined. */
  put(key: K, value: V | undefined): void {
    if (this.isShared) {
      this.entries = new Map(this.entries);
      this.isShared = false;
    }
    if (value === undefined) this.entries.delete(key);
    else this.entries.set(key, value);
  }

  /** The map as it is now, for ever. */
  share(): ReadonlyMap<K, V> {
    this.isShared = true;
    return this.entries;
  }
}
