import type { Client } from '../client/index.ts';
import { ApiError, type KubeObject, type Resource } from '../kube/index.ts';

function hasReason(error: unknown, reason: string): boolean {
  return error instanceof ApiError && error.reason === reason;
}

/** Creates the object unless one of its name is there; that one stays as it is. */
export async function createIfMissing<T extends KubeObject>(
  client: Client,
  resource: Resource<T>,
  object: T,
): Promise<void> {
  try {
    await client.create(resource, object);
  } catch (error) {
    if (!hasReason(error, 'AlreadyExists')) throw error;
  }
}

/** True when the API says that the object is not there. */
export function isNotFound(error: unknown): boolean {
  return hasReason(error, 'NotFound');
}

/** Deletes the object if it is there. */
export async function deleteIfThere<T extends KubeObject>(
  client: Client,
  resource: Resource<T>,
  object: T,
  options: Parameters<Client['delete']>[2] = {},
): Promise<void> {
  const { name, namespace } = object.metadata;
  try {
    await client.delete(
      resource,
      namespace === undefined ? { name } : { name, namespace },
      options,
    );
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

/** True when a namespace that is being emptied refused a new object. */
export function isRefusedByTermination(error: unknown): boolean {
  return (
    error instanceof ApiError &&
    error.status.details?.causes?.some(({ reason }) => reason === 'NamespaceTerminating') === true
  );
}
