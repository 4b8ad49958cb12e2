import type { Client } from '../../client/index.ts';
import { messageOf } from '../../fault/index.ts';
import { qualifiedName, type AnyObject, type Resource } from '../../kube/index.ts';
import { deleteIfThere, isNotFound } from '../ensure.ts';

/** What is still in a namespace after everything was told to go. */
export interface Remains {
  /** Objects left by `PLURAL.GROUP`, with the dot also for the core group: the text of the condition has it so. */
  readonly resources: ReadonlyMap<string, number>;
  /** Objects left that a finalizer holds, by finalizer. */
  readonly finalizers: ReadonlyMap<string, number>;
  /** Texts of what failed. */
  readonly failures: readonly string[];
}

async function remove(client: Client, resource: Resource, object: AnyObject): Promise<void> {
  if (object.metadata.deletionTimestamp !== undefined) return;
  await deleteIfThere(client, resource, object, { propagationPolicy: 'Background' });
}

function count(counts: Map<string, number>, names: readonly string[]): void {
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
}

/** Lists what there is of a kind; a kind that has gone meanwhile has nothing. */
async function listed(client: Client, resource: Resource, namespace: string): Promise<AnyObject[]> {
  try {
    return (await client.list(resource, { namespace })).items;
  } catch (error) {
    if (isNotFound(error)) return [];
    throw error;
  }
}

/** Tells everything in the namespace to go, and says what has not gone yet. One kind's failure does not stop the others. */
export async function emptyNamespace(
  client: Client,
  namespace: string,
  resources: readonly Resource[],
): Promise<Remains> {
  const left = new Map<string, number>();
  const finalizers = new Map<string, number>();
  const failures: string[] = [];
  for (const resource of resources.filter(({ namespaced }) => namespaced)) {
    try {
      const objects = await listed(client, resource, namespace);
      await Promise.all(objects.map((object) => remove(client, resource, object)));
      for (const object of objects.length === 0 ? [] : await listed(client, resource, namespace)) {
        count(left, [`${resource.plural}.${resource.group}`]);
        count(finalizers, object.metadata.finalizers ?? []);
      }
    } catch (error) {
      failures.push(`${qualifiedName(resource)}: ${messageOf(error)}`);
    }
  }
  return { resources: left, finalizers, failures };
}
