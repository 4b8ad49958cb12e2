import type { Informer } from '../client/index.ts';
import { keyOf, type KubeObject } from '../kube/index.ts';

function version(object: KubeObject): number {
  return Number(object.metadata.resourceVersion ?? 0);
}

/**
 * Sees a cache as if its owner's own writes were in it already. Between a write and its watch event the cache is
 * behind; a controller that believed it would write twice. Versions grow over all objects, so the newer one is known.
 */
export class OwnWrites<T extends KubeObject> {
  private readonly informer: Informer<T>;
  /** Newest own write by key; undefined objects are deletions. */
  private readonly writes = new Map<string, { version: number; object: T | undefined }>();

  constructor(informer: Informer<T>) {
    this.informer = informer;
    informer.onChange(({ previous, next }) => {
      const seen = next ?? previous;
      if (seen === undefined) return;
      const own = this.writes.get(keyOf(seen));
      const isPast = next === undefined || (own !== undefined && version(next) >= own.version);
      if (isPast) this.writes.delete(keyOf(seen));
    });
  }

  /** Notes what a create or update returned. */
  wrote(object: T): void {
    const cached = this.informer.get(keyOf(object));
    if (cached !== undefined && version(cached) >= version(object)) return;
    this.writes.set(keyOf(object), { version: version(object), object });
  }

  /** Notes a deletion of the object as it was known. */
  deleted(object: T): void {
    if (this.informer.get(keyOf(object)) === undefined) this.writes.delete(keyOf(object));
    else this.writes.set(keyOf(object), { version: version(object) + 1, object: undefined });
  }

  /** The cached objects with own writes that `belongs` accepts put in their place. */
  seenThrough(cached: readonly T[], belongs: (object: T) => boolean): T[] {
    if (this.writes.size === 0) return [...cached];
    const objects = new Map(cached.map((object) => [keyOf(object), object]));
    for (const [key, { object }] of this.writes) {
      if (object === undefined) objects.delete(key);
      else if (belongs(object)) objects.set(key, object);
    }
    return [...objects.values()];
  }
}
