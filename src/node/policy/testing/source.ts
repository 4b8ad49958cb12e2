import type { Change, Informer } from '../../../client/index.ts';
import { keyOf, type KubeObject } from '../../../kube/index.ts';

/** An informer that is told what there is instead of asking an API. */
export class Source<T extends KubeObject> implements Informer<T> {
  readonly synced = Promise.resolve();
  private readonly objects = new Map<string, T>();
  private readonly listeners: ((change: Change<T>) => void)[] = [];

  set(object: T): void {
    const previous = this.objects.get(keyOf(object));
    this.objects.set(keyOf(object), object);
    this.tell({ previous, next: object });
  }

  delete(key: string): void {
    const previous = this.objects.get(key);
    if (previous === undefined) return;
    this.objects.delete(key);
    this.tell({ previous, next: undefined });
  }

  get(key: string): T | undefined {
    return this.objects.get(key);
  }

  list(): readonly T[] {
    return [...this.objects.values()];
  }

  byIndex(): readonly T[] {
    throw new TypeError('a source has no indexes');
  }

  indexBy(): void {}

  onChange(listener: (change: Change<T>) => void): void {
    for (const object of this.list()) listener({ previous: undefined, next: object });
    this.listeners.push(listener);
  }

  close(): void {}

  private tell(change: Change<T>): void {
    for (const listener of this.listeners) listener(change);
  }
}
