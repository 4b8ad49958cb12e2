import type { DeleteOptions, Watch } from '../../client/index.ts';
import type { AnyObject, KubeList } from '../../kube/index.ts';
import type { Catalog } from './catalog.ts';
import type { Call, Collection, RegistryContext, Target } from './context.ts';
import { conversionOf } from './conversion.ts';
import { createObject, type CreateRequest } from './create.ts';
import { deleteCollection, type DeleteCollectionRequest } from './delete-collection.ts';
import { deleteObject, type Deleted } from './delete.ts';
import { getObject } from './get.ts';
import { listObjects, type ListQuery } from './list.ts';
import { applyChecked, patchSchema, type Patch } from './patch.ts';
import type { SubresourceTable } from './subresources/table.ts';
import { updateObject } from './update.ts';
import { watchObjects, type WatchRequest } from './watch.ts';

/**
 * Generic storage of every kind: what the verbs of the API do, as plain functions that HTTP and the in-process
 * client share, and the conversion of kinds that are other forms of stored ones. Objects that come out are shared and
 * frozen. All fail with ApiErrors.
 */
export class Registry {
  readonly context: RegistryContext;
  readonly subresources: SubresourceTable;

  constructor(context: RegistryContext, subresources: SubresourceTable) {
    this.context = context;
    this.subresources = subresources;
  }

  get catalog(): Catalog {
    return this.context.catalog;
  }

  async create(request: CreateRequest): Promise<AnyObject> {
    const { place, toStored, fromStored, warn } = conversionOf(request.kind);
    const object = toStored(request.object);
    const created = await createObject(this.context, { ...place(request), object });
    warn(request.call, created);
    return fromStored(created);
  }

  async get(target: Target): Promise<AnyObject> {
    const { place, fromStored } = conversionOf(target.kind);
    return fromStored(await getObject(this.context, place(target)));
  }

  async list(collection: Collection, query: ListQuery = {}): Promise<KubeList> {
    const { place, list } = conversionOf(collection.kind);
    return list(await listObjects(this.context, place(collection), query));
  }

  update(target: Target, object: AnyObject, call: Call): Promise<AnyObject> {
    return this.change(target, call, () => object);
  }

  /**
   * Patches the newest state; tried again when another write comes between, unless the patch names a
   * resourceVersion.
   */
  patch(target: Target, patch: Patch, call: Call): Promise<AnyObject> {
    return this.change(target, call, (existing) =>
      applyChecked(patch, existing, patchSchema(target)),
    );
  }

  async delete(target: Target, options: DeleteOptions, call: Call): Promise<Deleted> {
    const { place, fromStored } = conversionOf(target.kind);
    const deleted = await deleteObject(this.context, { ...place(target), options, call });
    return { ...deleted, object: fromStored(deleted.object) };
  }

  async deleteCollection(request: DeleteCollectionRequest): Promise<KubeList> {
    const { place, list } = conversionOf(request.collection.kind);
    const collection = place(request.collection);
    return list(await deleteCollection(this.context, { ...request, collection }));
  }

  watch(request: WatchRequest): Promise<Watch> {
    const { place, listener } = conversionOf(request.collection.kind);
    return watchObjects(this.context, {
      ...request,
      collection: place(request.collection),
      listener: listener(request.listener),
    });
  }

  /** Writes what `next` makes of the newest state, as the caller's kind shows it. */
  private async change(
    target: Target,
    call: Call,
    next: (existing: AnyObject) => AnyObject,
  ): Promise<AnyObject> {
    const { place, toStored, fromStored, warn } = conversionOf(target.kind);
    const updated = await updateObject(this.context, {
      target: place(target),
      call,
      next: (existing) => toStored(next(fromStored(existing))),
    });
    warn(call, updated);
    return fromStored(updated);
  }
}
