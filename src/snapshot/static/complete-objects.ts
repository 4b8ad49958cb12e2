import { kinds, type AnyObject, type KindDefinition, type Pod } from '../../kube/index.ts';
import { belongsTo, stampPods, workloadKinds } from './workloads.ts';

const byKind = new Map<string, KindDefinition>(
  kinds.map((kind) => [`${kind.group}/${kind.kind}`, kind]),
);

/** The kind by its group, whatever the version; undefined for kinds that Portolan does not know. */
export function definitionOf({ apiVersion, kind }: AnyObject): KindDefinition | undefined {
  const slash = apiVersion.indexOf('/');
  return byKind.get(`${slash === -1 ? '' : apiVersion.slice(0, slash)}/${kind}`);
}

/**
 * A copy with the API server's defaults, in `namespace` when it names none. Objects that have a uid come from an API server
 * and are complete.
 */
function completed(object: AnyObject, namespace: string): AnyObject {
  if (object.metadata.uid !== undefined) return object;
  const definition = definitionOf(object);
  if (definition === undefined) return object;
  const copy = structuredClone(object);
  if (definition.namespaced) copy.metadata.namespace ??= namespace;
  definition.defaults?.(copy);
  return copy;
}

/** Completed objects, and the pods of those workloads that have none among them. */
export interface Completed {
  readonly objects: readonly AnyObject[];
  readonly stamped: readonly AnyObject[];
}

export function completeObjects(objects: readonly AnyObject[], namespace: string): Completed {
  const all = objects.map((object) => completed(object, namespace));
  const pods = all.filter(({ kind }) => kind === 'Pod') as unknown as Pod[];
  const taken = new Set(pods.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`));
  const stamped = all
    .filter(({ kind, metadata }) => workloadKinds.includes(kind) && metadata.uid === undefined)
    .filter((workload) => !pods.some((pod) => belongsTo(pod, workload)))
    .flatMap(stampPods)
    .map((pod) => distinct(pod, taken));
  return { objects: all, stamped: stamped as unknown as AnyObject[] };
}

/** Workloads of different kinds may share a name, and so would their pods. */
function distinct(pod: Pod, taken: Set<string>): Pod {
  const { name, namespace } = pod.metadata;
  const [owner] = pod.metadata.ownerReferences ?? [];
  const isFree = !taken.has(`${namespace}/${name}`);
  const chosen = isFree ? name : `${name}-${(owner?.kind ?? '').toLowerCase()}`;
  taken.add(`${namespace}/${chosen}`);
  return { ...pod, metadata: { ...pod.metadata, name: chosen } };
}
