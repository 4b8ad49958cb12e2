import type { DeleteOptions, Watch } from '../../client/index.ts';
import type { AnyObject, KubeList } from '../../kube/index.ts';
import type { Catalog } from './catalog.ts';
import type { Call, Collection, RegistryContext, Target } from './context.ts';
import { createObject, type CreateRequest } from './create.ts';
import { deleteCollection, type DeleteCollectionRequest } from './delete-collection.ts';
import { deleteObject, type Deleted } from './delete.ts';
import { getObject } from './get.ts';
import { listObjects, type ListQuery } from './list.ts';
import { patchObject, type Patch } from './patch.ts';
import type { SubresourceTable } from './subresources/table.ts';
import { updateObject } from './update.ts';
import { watchObjects, type WatchRequest } from './watch.ts';

/**
 * Generic storage of every kind: what the verbs of the API do, as plain functions that HTTP and the in-process
 * client share. Objects that come out are shared and frozen. All fail with ApiErrors.
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

  create(request: CreateRequest): Promise<AnyObject> {
    return createObject(this.context, request);
  }

  get(target: Target): Promise<AnyObject> {
    return getObject(this.context, target);
  }

  list(collection: Collection, query: ListQuery = {}): Promise<KubeList> {
    return listObjects(this.context, collection, query);
  }

  update(target: Target, object: AnyObject, call: Call): Promise<AnyObject> {
    return updateObject(this.context, { target, call, next: () => object });
  }

  patch(target: Target, patch: Patch, call: Call): Promise<AnyObject> {
    return patchObject(this.context, { target, patch, call });
  }

  delete(target: Target, options: DeleteOptions, call: Call): Promise<Deleted> {
    return deleteObject(this.context, { ...target, options, call });
  }

  deleteCollection(request: DeleteCollectionRequest): Promise<KubeList> {
    return deleteCollection(this.context, request);
  }

  watch(request: WatchRequest): Promise<Watch> {
    return watchObjects(this.context, request);
  }
}
