import type { AnyObject } from '../../kube/index.ts';
import type { Store } from '../../store/index.ts';
import { groupSegment } from './store-key.ts';

interface GroupPlural {
  readonly group: string;
  readonly plural: string;
}

interface Ref {
  readonly namespace?: string | undefined;
  readonly name: string;
}

/** Reads objects by resource name alone, for authentication and authorization, which must not ask themselves. */
export interface StoreReader {
  get(resource: GroupPlural, ref: Ref): Promise<AnyObject | undefined>;
  list(resource: GroupPlural, namespace?: string): Promise<readonly AnyObject[]>;
}

function prefixOf({ group, plural }: GroupPlural, namespace: string | undefined): string {
  const root = `/${groupSegment(group)}/${plural}/`;
  return namespace === undefined ? root : `${root}${namespace}/`;
}

export function storeReader(store: Store): StoreReader {
  return {
    async get(resource, { namespace, name }) {
      const object = await store.get(prefixOf(resource, namespace) + name);
      return object as AnyObject | undefined;
    },
    async list(resource, namespace) {
      const { objects } = await store.list({ prefix: prefixOf(resource, namespace) });
      return objects as readonly AnyObject[];
    },
  };
}
