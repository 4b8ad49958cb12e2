import { notFound, type AnyObject } from '../../kube/index.ts';
import { presented } from './admit.ts';
import type { RegistryContext, Target } from './context.ts';
import { storeKey } from './store-key.ts';

/** Reads the newest state. @throws ApiError `NotFound` */
export async function getObject(
  context: Pick<RegistryContext, 'store'>,
  target: Target,
): Promise<AnyObject> {
  const object = await context.store.get(storeKey(target));
  if (object === undefined) throw notFound(target.kind.definition, target.name);
  return presented(target, object as AnyObject);
}
