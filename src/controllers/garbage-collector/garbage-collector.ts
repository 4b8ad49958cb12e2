import type { Change } from '../../client/index.ts';
import { keyOf, qualifiedName, type AnyObject } from '../../kube/index.ts';
import type { Controller, ControllerContext } from '../controller.ts';
import type { ResourceCatalog } from '../resource-catalog.ts';
import { startLoop } from '../run.ts';
import { Collector } from './collector.ts';
import { ItemWriter } from './item-writer.ts';
import { Monitors, type Monitor } from './monitors.ts';
import { OwnerIndex, type Item } from './owner-index.ts';
import { isForeground, isOrphaning, Owners } from './owners.ts';

const NAME = 'garbage-collector';
/** As kube-controller-manager signs its Events. */
const COMPONENT = 'garbage-collector-controller';

class GarbageCollector {
  readonly controller: Controller;
  private readonly index = new OwnerIndex();
  private readonly monitors: Monitors;
  private readonly owners: Owners;
  private readonly collector: Collector;
  private readonly add: (key: string) => void;

  constructor(context: ControllerContext, catalog: ResourceCatalog) {
    const { queue, controller } = startLoop({
      name: NAME,
      context,
      caches: [],
      reconcile: (key) => this.reconcile(key),
    });
    this.add = (key) => queue.add(key);
    this.monitors = new Monitors(context, catalog, {
      onChange: (monitor, change) => this.changed(monitor, change),
      onClose: (monitor) => this.forget(monitor),
      onMonitors: () => this.lookAgain(),
    });
    this.owners = new Owners(context.client, this.monitors, this.index);
    this.collector = new Collector({
      index: this.index,
      owners: this.owners,
      writer: new ItemWriter(context.client),
      events: context.events(COMPONENT),
      again: (item) => this.enqueue(item),
    });
    this.controller = {
      name: NAME,
      close: () => {
        this.monitors.close();
        return controller.close();
      },
    };
    this.monitors.start();
  }

  /** @param key `PLURAL.GROUP NAMESPACE/NAME` */
  private async reconcile(key: string): Promise<void> {
    // An owner must not go before all its dependents are known, those of new kinds included.
    await this.monitors.synced();
    const space = key.indexOf(' ');
    const monitor = this.monitors.named(key.slice(0, space));
    const object = monitor?.cache.get(key.slice(space + 1));
    if (monitor === undefined || object === undefined) return;
    await this.collector.step({ resource: monitor.resource, object });
  }

  private enqueue({ resource, object }: Item): void {
    this.add(`${qualifiedName(resource)} ${keyOf(object)}`);
  }

  private changed({ resource }: Monitor, change: Change<AnyObject>): void {
    const { previous, next } = change;
    this.index.change(resource, change);
    if (previous !== undefined && previous.metadata.uid !== next?.metadata.uid) this.left(previous);
    if (next !== undefined && this.needsWork(next)) this.enqueue({ resource, object: next });
    for (const object of [previous, next]) if (object !== undefined) this.tellWaitingOwners(object);
  }

  /** An object has gone: its dependents follow, or drop their reference. */
  private left(object: AnyObject): void {
    this.index.noteGone(object);
    for (const dependent of this.index.dependentsOf(object)) this.enqueue(dependent);
  }

  /** Nobody can delete what is not served: no owner waits for it. */
  private forget({ resource, cache }: Monitor): void {
    for (const object of cache.list()) {
      this.index.change(resource, { previous: object, next: undefined });
      this.tellWaitingOwners(object);
    }
  }

  private needsWork(object: AnyObject): boolean {
    if (isForeground(object) || isOrphaning(object)) return true;
    return object.metadata.deletionTimestamp === undefined && !this.owners.areSettled(object);
  }

  /** Whoever waits in the foreground may have waited for this change. */
  private tellWaitingOwners(object: AnyObject): void {
    for (const reference of object.metadata.ownerReferences ?? []) {
      const owner = this.owners.cached(reference, object);
      if (owner === undefined || !isForeground(owner.object)) continue;
      this.enqueue({ resource: owner.monitor.resource, object: owner.object });
    }
  }

  /** With the kinds that are served, what is known of the owners has changed. */
  private lookAgain(): void {
    for (const item of this.index.all()) if (this.needsWork(item.object)) this.enqueue(item);
  }
}

/** Deletes what its owners leave behind: in the background, before the owner, or not at all. */
export function startGarbageCollector(
  context: ControllerContext,
  { kinds }: { readonly kinds: ResourceCatalog },
): Controller {
  return new GarbageCollector(context, kinds).controller;
}
