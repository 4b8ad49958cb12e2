import type { Client } from '../../client/index.ts';
import type { AnyObject, KubeObject, OwnerReference, Resource } from '../../kube/index.ts';
import { isNotFound } from '../ensure.ts';
import type { Monitor, Monitors } from './monitors.ts';
import type { OwnerIndex } from './owner-index.ts';

export const foregroundFinalizer = 'foregroundDeletion';
export const orphanFinalizer = 'orphan';

/**
 * What an owner is to its dependent: it keeps it (`solid`), has gone (`absent`), waits for it to go (`waiting`); or nobody
 * can say, because its kind is not served or it is out of the dependent's reach (`unknown`): then it keeps it too.
 */
export type OwnerState = 'solid' | 'absent' | 'waiting' | 'unknown';

/** True while the object waits for its dependents' end. */
export function isForeground({ metadata }: KubeObject): boolean {
  const { deletionTimestamp, finalizers = [] } = metadata;
  return deletionTimestamp !== undefined && finalizers.includes(foregroundFinalizer);
}

/** True while the object waits for its dependents to be let go. */
export function isOrphaning({ metadata }: KubeObject): boolean {
  const { deletionTimestamp, finalizers = [] } = metadata;
  return deletionTimestamp !== undefined && finalizers.includes(orphanFinalizer);
}

/** Where an owner stands: in the dependent's namespace, or in none. */
function placeOf(
  resource: Resource,
  { name }: OwnerReference,
  { metadata: { namespace = '' } }: KubeObject,
): { readonly name: string; readonly namespace?: string } {
  return resource.namespaced ? { name, namespace } : { name };
}

function isOutOfReach({ resource }: Monitor, { metadata }: KubeObject): boolean {
  return resource.namespaced && (metadata.namespace ?? '') === '';
}

function stateOf(owner: KubeObject | undefined, uid: string): OwnerState {
  if (owner?.metadata.uid !== uid) return 'absent';
  return isForeground(owner) ? 'waiting' : 'solid';
}

/** Finds the owners of objects, in the caches or in the API itself. */
export class Owners {
  private readonly client: Client;
  private readonly monitors: Monitors;
  private readonly index: OwnerIndex;

  constructor(client: Client, monitors: Monitors, index: OwnerIndex) {
    this.client = client;
    this.monitors = monitors;
    this.index = index;
  }

  /** The owner as the cache has it, with the monitor of its resource. */
  cached(
    owner: OwnerReference,
    dependent: KubeObject,
  ): { readonly monitor: Monitor; readonly object: AnyObject } | undefined {
    const monitor = this.monitors.ofOwner(owner);
    if (monitor === undefined || isOutOfReach(monitor, dependent)) return undefined;
    const { name, namespace } = placeOf(monitor.resource, owner, dependent);
    const object = monitor.cache.get(namespace === undefined ? name : `${namespace}/${name}`);
    return object?.metadata.uid === owner.uid ? { monitor, object } : undefined;
  }

  /** True when the caches know every owner and none of them is on its way out. */
  areSettled(dependent: KubeObject): boolean {
    const { ownerReferences = [] } = dependent.metadata;
    return ownerReferences.every((owner) => {
      const found = this.cached(owner, dependent);
      return found !== undefined && !isForeground(found.object);
    });
  }

  /** Asks the API: a cache may be behind, and what is deleted for a wrong reason does not come back. */
  async look(owner: OwnerReference, dependent: KubeObject): Promise<OwnerState> {
    const monitor = this.monitors.ofOwner(owner);
    if (monitor !== undefined && isOutOfReach(monitor, dependent)) return 'unknown';
    // Seen to go, perhaps together with its kind.
    if (this.index.isGone(owner.uid)) return 'absent';
    if (monitor === undefined) return 'unknown';
    const { resource } = monitor;
    try {
      return stateOf(
        await this.client.get(resource, placeOf(resource, owner, dependent)),
        owner.uid,
      );
    } catch (error) {
      if (isNotFound(error)) return 'absent';
      throw error;
    }
  }

  /** The owner under its uid where a dependent's reference does not reach: in another namespace. */
  elsewhere(owner: OwnerReference, dependent: KubeObject): KubeObject | undefined {
    if (this.index.isGone(owner.uid)) return undefined;
    const namespace = dependent.metadata.namespace ?? '';
    return this.monitors
      .ofOwner(owner)
      ?.cache.list()
      .find(({ metadata }) => metadata.uid === owner.uid && metadata.namespace !== namespace);
  }
}
