import type { EventRecorder } from '../../client/index.ts';
import type { AnyObject, KubeObject, OwnerReference } from '../../kube/index.ts';
import type { ItemWriter } from './item-writer.ts';
import type { Item, OwnerIndex } from './owner-index.ts';
import {
  foregroundFinalizer,
  isForeground,
  isOrphaning,
  orphanFinalizer,
  type Owners,
  type OwnerState,
} from './owners.ts';

export interface CollectorOptions {
  readonly index: OwnerIndex;
  readonly owners: Owners;
  readonly writer: ItemWriter;
  readonly events: EventRecorder;
  /** Has an item handled soon. */
  readonly again: (item: Item) => void;
}

/** Own finalizers say how the item's dependents are to go; another policy would replace them. */
function policyOf({ metadata: { finalizers = [] } }: KubeObject) {
  if (finalizers.includes(orphanFinalizer)) return 'Orphan';
  return finalizers.includes(foregroundFinalizer) ? 'Foreground' : 'Background';
}

function blocks({ object }: Item, owner: KubeObject): boolean {
  const { ownerReferences = [] } = object.metadata;
  return ownerReferences.some(
    ({ uid, blockOwnerDeletion }) => uid === owner.metadata.uid && blockOwnerDeletion === true,
  );
}

function isKeeping(state: OwnerState | undefined): boolean {
  return state === 'solid' || state === 'unknown';
}

/** Takes one object at a time one step further, by Kubernetes' rules of ownership. */
export class Collector {
  private readonly options: CollectorOptions;

  constructor(options: CollectorOptions) {
    this.options = options;
  }

  /** @param item as the cache has it */
  async step(item: Item): Promise<void> {
    const { object } = item;
    if (isOrphaning(object)) await this.orphan(item);
    else if (isForeground(object)) await this.finishForeground(item);
    else if (object.metadata.deletionTimestamp === undefined) await this.collect(item);
  }

  /** Lets every dependent go, then the owner. */
  private async orphan(owner: Item): Promise<void> {
    const { index, writer } = this.options;
    const { uid } = owner.object.metadata;
    await Promise.all(
      index.dependentsOf(owner.object).map(async (dependent) => {
        const current = await writer.current(dependent);
        if (current === undefined) return;
        await writer.keepOwners(current, (reference) => reference.uid !== uid);
      }),
    );
    await this.release(owner, orphanFinalizer);
  }

  /** Sends the dependents after their owner, and lets it go when none is left that holds it. */
  private async finishForeground(owner: Item): Promise<void> {
    const dependents = this.options.index.dependentsOf(owner.object);
    for (const item of dependents) this.options.again(item);
    if (dependents.some((item) => blocks(item, owner.object))) return;
    await this.release(owner, foregroundFinalizer);
  }

  private async release(owner: Item, finalizer: string): Promise<void> {
    const current = await this.options.writer.current(owner);
    if (current !== undefined) await this.options.writer.removeFinalizer(current, finalizer);
  }

  /** Deletes the object if no owner keeps it; if one does, drops the references to those that are gone. */
  private async collect(item: Item): Promise<void> {
    const { owners, writer } = this.options;
    if (owners.areSettled(item.object)) return;
    const current = await writer.current(item);
    if (current === undefined || current.object.metadata.deletionTimestamp !== undefined) return;
    const states = await this.statesOf(current.object);
    const found = new Set(states.values());
    if (found.size === 0) return;
    if (found.has('solid') || found.has('unknown')) {
      await writer.keepOwners(current, ({ uid }) => isKeeping(states.get(uid)));
    } else await this.delete(current, found.has('waiting'));
  }

  private async statesOf(object: AnyObject): Promise<ReadonlyMap<string, OwnerState>> {
    const { ownerReferences = [] } = object.metadata;
    const looks = ownerReferences.map(async (owner) => {
      const state = await this.options.owners.look(owner, object);
      if (state === 'absent' || state === 'unknown') this.warnOfReach(owner, object);
      return [owner.uid, state] as const;
    });
    return new Map(await Promise.all(looks));
  }

  /** While an owner waits, so does the item for its own dependents; but in a circle of owners nobody may wait. */
  private async delete(item: Item, isWaitedFor: boolean): Promise<void> {
    const { index, writer } = this.options;
    const dependents = index.dependentsOf(item.object);
    if (!isWaitedFor || dependents.length === 0) {
      await writer.delete(item, policyOf(item.object));
      return;
    }
    const isCircle = dependents.some(({ object }) => isForeground(object));
    await writer.delete(isCircle ? await writer.stopBlocking(item) : item, 'Foreground');
  }

  /** An owner in another namespace keeps nothing: whoever meant it so should hear of it. */
  private warnOfReach({ apiVersion, kind, name, uid }: OwnerReference, object: AnyObject): void {
    const owner = this.options.owners.elsewhere({ apiVersion, kind, name, uid }, object);
    if (owner === undefined) return;
    const { namespace = '' } = owner.metadata;
    const reference = `[${apiVersion}/${kind}, namespace: ${namespace}, name: ${name}, uid: ${uid}]`;
    this.options.events.event(object, {
      type: 'Warning',
      reason: 'OwnerRefInvalidNamespace',
      message: `ownerRef ${reference} does not exist in namespace ${JSON.stringify(object.metadata.namespace ?? '')}`,
    });
  }
}
