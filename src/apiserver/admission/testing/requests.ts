import {
  ApiError,
  type AnyObject,
  type KindDefinition,
  type KubeObject,
  type ObjectMeta,
  type Resource,
} from '../../../kube/index.ts';
import type { AdmissionPlugin, AdmissionReader, AdmissionRequest } from '../contract.ts';

/** A reader over objects that a test lists; it may go on pushing to the array. */
export function readerOf(objects: readonly KubeObject[]): AdmissionReader {
  const ofKind = <T extends KubeObject>({ kind }: Resource<T>): readonly T[] =>
    objects.filter((object) => object.kind === kind) as unknown as readonly T[];
  return {
    get: (resource, ref) =>
      ofKind(resource).find(
        ({ metadata }) => metadata.name === ref.name && metadata.namespace === ref.namespace,
      ),
    list: ofKind,
  };
}

/** The creation of an object with its defaults, as the registry asks for it. */
export function creation<T extends KubeObject>(
  kind: KindDefinition<T>,
  object: T,
): AdmissionRequest {
  kind.defaults?.(object);
  return requestOf(kind, { operation: 'CREATE', object: object as unknown as AnyObject });
}

export function requestOf<T extends KubeObject>(
  kind: KindDefinition<T>,
  parts: Partial<AdmissionRequest>,
): AdmissionRequest {
  const metadata: ObjectMeta = (parts.object ?? parts.previous)?.metadata ?? { name: '' };
  return {
    operation: 'CREATE',
    kind: kind as unknown as KindDefinition,
    subresource: '',
    namespace: kind.namespaced ? metadata.namespace : undefined,
    name: metadata.name,
    object: undefined,
    previous: undefined,
    dryRun: false,
    user: 'kubernetes-admin',
    ...parts,
  };
}

/** The text a plugin refuses with; undefined when it lets the request pass. */
export async function refusal(
  plugin: AdmissionPlugin,
  request: AdmissionRequest,
): Promise<string | undefined> {
  try {
    await plugin.admit(request);
    return undefined;
  } catch (error) {
    if (error instanceof ApiError) return `${error.status.code} ${error.message}`;
    throw error;
  }
}
