import type { Client, DeleteOptions, ObjectRef } from '../../client/index.ts';
import type { KubeObject, OwnerReference } from '../../kube/index.ts';
import { deleteIfThere, isNotFound } from '../ensure.ts';
import type { Item } from './owner-index.ts';

function refOf({ metadata: { name, namespace } }: KubeObject): ObjectRef {
  return namespace === undefined ? { name } : { name, namespace };
}

/**
 * Reads and writes objects of any resource. A write to what is no longer as it was read fails with a Conflict, which the
 * loop repeats: another version of the object may have other owners.
 */
export class ItemWriter {
  private readonly client: Client;

  constructor(client: Client) {
    this.client = client;
  }

  /** The item as the API has it now; undefined when it has gone, also when another object took its name. */
  async current({ resource, object }: Item): Promise<Item | undefined> {
    try {
      const live = await this.client.get(resource, refOf(object));
      return live.metadata.uid === object.metadata.uid ? { resource, object: live } : undefined;
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  /** Drops the references to all other owners. */
  async keepOwners(item: Item, isKept: (owner: OwnerReference) => boolean): Promise<void> {
    const { ownerReferences = [] } = item.object.metadata;
    const kept = ownerReferences.filter(isKept);
    if (kept.length === ownerReferences.length) return;
    await this.patch(item, { ownerReferences: kept.length === 0 ? null : kept });
  }

  /** Lets all owners go before the item has gone. */
  stopBlocking(item: Item): Promise<Item> {
    const { ownerReferences = [] } = item.object.metadata;
    return this.patch(item, {
      ownerReferences: ownerReferences.map((owner) => ({ ...owner, blockOwnerDeletion: false })),
    });
  }

  async removeFinalizer(item: Item, finalizer: string): Promise<void> {
    const { finalizers = [] } = item.object.metadata;
    if (!finalizers.includes(finalizer)) return;
    const kept = finalizers.filter((name) => name !== finalizer);
    await this.patch(item, { finalizers: kept.length === 0 ? null : kept });
  }

  async delete(
    { resource, object }: Item,
    propagationPolicy: NonNullable<DeleteOptions['propagationPolicy']>,
  ): Promise<void> {
    const { uid, resourceVersion } = object.metadata;
    const preconditions = {
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
    };
    await deleteIfThere(this.client, resource, object, { propagationPolicy, preconditions });
  }

  private async patch(
    { resource, object }: Item,
    metadata: Record<string, unknown>,
  ): Promise<Item> {
    const { uid, resourceVersion } = object.metadata;
    const body = { metadata: { uid, resourceVersion, ...metadata } };
    const patched = await this.client.patch(resource, refOf(object), { type: 'merge', body });
    return { resource, object: patched };
  }
}
