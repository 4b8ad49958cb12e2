import type { Change } from '../../client/index.ts';
import type { AnyObject, KubeObject, Resource } from '../../kube/index.ts';

/** An object and the resource it is one of. */
export interface Item {
  readonly resource: Resource;
  readonly object: AnyObject;
}

function ownersOf(object: KubeObject): Set<string> {
  return new Set(object.metadata.ownerReferences?.map(({ uid }) => uid));
}

/**
 * Who depends on whom, over all resources:
 *
 *     owner's uid -> { dependent's uid -> dependent }
 *
 * An object that refers to no owner takes no room here.
 */
export class OwnerIndex {
  private readonly dependents = new Map<string, Map<string, Item>>();
  /** Owners that were seen to go and still have dependents: their uids never come back. */
  private readonly gone = new Set<string>();

  /** Puts `next` in the place of `previous`. */
  change(resource: Resource, { previous, next }: Change<AnyObject>): void {
    if (previous !== undefined) this.remove(previous);
    if (next !== undefined) this.add({ resource, object: next });
    if (previous !== undefined) this.forgetOwnersOf(previous);
  }

  dependentsOf(owner: KubeObject): readonly Item[] {
    return [...(this.dependents.get(owner.metadata.uid ?? '')?.values() ?? [])];
  }

  /** Every object that refers to an owner; one with two owners twice. */
  all(): Item[] {
    return [...this.dependents.values()].flatMap((bucket) => [...bucket.values()]);
  }

  /** Notes that the API no longer has the object. */
  noteGone({ metadata: { uid = '' } }: KubeObject): void {
    if (this.dependents.has(uid)) this.gone.add(uid);
  }

  isGone(uid: string): boolean {
    return this.gone.has(uid);
  }

  private add(item: Item): void {
    const { uid = '' } = item.object.metadata;
    for (const owner of ownersOf(item.object)) {
      const bucket = this.dependents.get(owner);
      if (bucket === undefined) this.dependents.set(owner, new Map([[uid, item]]));
      else bucket.set(uid, item);
    }
  }

  private remove(object: KubeObject): void {
    for (const owner of ownersOf(object)) {
      const bucket = this.dependents.get(owner);
      bucket?.delete(object.metadata.uid ?? '');
      if (bucket?.size === 0) this.dependents.delete(owner);
    }
  }

  private forgetOwnersOf(object: KubeObject): void {
    for (const owner of ownersOf(object)) if (!this.dependents.has(owner)) this.gone.delete(owner);
  }
}
