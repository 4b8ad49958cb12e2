import { keyOf, type KubeObject } from '../../kube/index.ts';
import type { Change } from '../informer.ts';

type Listener<T extends KubeObject> = (change: Change<T>) => void;

/** One index: which objects stand under each value. */
class Index<T extends KubeObject> {
  private readonly keys: (object: T) => readonly string[];
  private readonly buckets = new Map<string, Map<string, T>>();

  constructor(keys: (object: T) => readonly string[]) {
    this.keys = keys;
  }

  get(value: string): readonly T[] {
    const bucket = this.buckets.get(value);
    return bucket === undefined ? [] : [...bucket.values()];
  }

  replace(key: string, previous: T | undefined, next: T | undefined): void {
    if (previous !== undefined) for (const value of this.keys(previous)) this.remove(value, key);
    if (next !== undefined) for (const value of this.keys(next)) this.add(value, key, next);
  }

  private add(value: string, key: string, object: T): void {
    const bucket = this.buckets.get(value);
    if (bucket === undefined) this.buckets.set(value, new Map([[key, object]]));
    else bucket.set(key, object);
  }

  private remove(value: string, key: string): void {
    const bucket = this.buckets.get(value);
    bucket?.delete(key);
    if (bucket?.size === 0) this.buckets.delete(value);
  }
}

/** Objects by key and by index, and who hears of their changes. */
export class Cache<T extends KubeObject> {
  private readonly objects = new Map<string, T>();
  private readonly indexes = new Map<string, Index<T>>();
  private readonly listeners: Listener<T>[] = [];
  private readonly onError: (error: unknown) => void;

  /** @param onError hears of listeners that throw; the other listeners and changes go on */
  constructor(onError: (error: unknown) => void) {
    this.onError = onError;
  }

  get(key: string): T | undefined {
    return this.objects.get(key);
  }

  list(): readonly T[] {
    return [...this.objects.values()];
  }

  byIndex(name: string, value: string): readonly T[] {
    return this.indexes.get(name)?.get(value) ?? [];
  }

  indexBy(name: string, keys: (object: T) => readonly string[]): void {
    const index = new Index(keys);
    for (const [key, object] of this.objects) index.replace(key, undefined, object);
    this.indexes.set(name, index);
  }

  onChange(listener: Listener<T>): void {
    for (const object of this.list()) this.tell(listener, { previous: undefined, next: object });
    this.listeners.push(listener);
  }

  /** Takes an object that was added or changed. */
  set(object: T): void {
    const key = keyOf(object);
    const previous = this.objects.get(key);
    if (previous !== undefined && isSameVersion(previous, object)) return;
    this.objects.set(key, object);
    this.changed(key, { previous, next: object });
  }

  delete(object: T): void {
    const key = keyOf(object);
    const previous = this.objects.get(key);
    if (previous === undefined) return;
    this.objects.delete(key);
    this.changed(key, { previous, next: undefined });
  }

  /** Takes a whole new list: what is not in it is gone. */
  replace(objects: readonly T[]): void {
    const kept = new Set(objects.map(keyOf));
    for (const [key, object] of this.objects) if (!kept.has(key)) this.delete(object);
    for (const object of objects) this.set(object);
  }

  private changed(key: string, change: Change<T>): void {
    for (const index of this.indexes.values()) index.replace(key, change.previous, change.next);
    for (const listener of this.listeners) this.tell(listener, change);
  }

  private tell(listener: Listener<T>, change: Change<T>): void {
    try {
      listener(change);
    } catch (error) {
      this.onError(error);
    }
  }
}

/** A list after a broken watch brings most objects unchanged: they are no news. */
function isSameVersion(one: KubeObject, two: KubeObject): boolean {
  const version = one.metadata.resourceVersion;
  return (
    version !== undefined &&
    version === two.metadata.resourceVersion &&
    one.metadata.uid === two.metadata.uid
  );
}
