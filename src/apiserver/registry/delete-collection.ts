import type { DeleteOptions } from '../../client/index.ts';
import { ApiError, type KubeList } from '../../kube/index.ts';
import type { Call, Collection, RegistryContext } from './context.ts';
import { deleteObject } from './delete.ts';
import { listObjects, type ListQuery } from './list.ts';

export interface DeleteCollectionRequest {
  readonly collection: Collection;
  readonly query: ListQuery;
  readonly options: DeleteOptions;
  readonly call: Call;
}

function isGone(error: unknown): boolean {
  return error instanceof ApiError && error.reason === 'NotFound';
}

/** Deletes everything selected and returns the list of it; what goes by itself meanwhile is not missed. */
export async function deleteCollection(
  context: RegistryContext,
  { collection, query, options, call }: DeleteCollectionRequest,
): Promise<KubeList> {
  const list = await listObjects(context, collection, query);
  for (const { metadata } of list.items) {
    const { name, namespace } = metadata;
    try {
      await deleteObject(context, { kind: collection.kind, namespace, name, options, call });
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  }
  return list;
}
