import { checkFields, FieldPath, type AnyObject, type KindDefinition } from '../../kube/index.ts';
import type { ManifestObject, Manifests } from '../../manifests/index.ts';
import { definitionOf } from '../../snapshot/index.ts';

/** What is to be said of an object, and whether it can be judged. */
interface Examined {
  readonly isUsable: boolean;
  readonly notes: readonly string[];
}

/** What the API server would answer to it, as `FIELD: WHAT`; undefined when it would take it. */
function refusalOf(definition: KindDefinition, object: AnyObject): string | undefined {
  if (object['spec'] === undefined || object['spec'] === null) return 'spec: Required value';
  const wrong = checkFields(definition.schema, object).find(({ kind }) => kind === 'type');
  if (wrong !== undefined) return `${wrong.path}: ${wrong.message}`;
  definition.defaults?.(object);
  const [error] = definition.validate?.(object, new FieldPath()) ?? [];
  return error === undefined ? undefined : `${error.field}: ${error.body}`;
}

/** Kinds that are nothing without a spec; others, like namespaces and ConfigMaps, need none. */
const withSpec = new Set([
  'Pod',
  'Service',
  'NetworkPolicy',
  'ClusterNetworkPolicy',
  'Ingress',
  'IngressClass',
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'ReplicaSet',
  'ReplicationController',
  'Job',
  'CronJob',
]);

function examine(one: ManifestObject, namespace: string): Examined {
  const { kind, metadata } = one.object;
  const { file, line } = one.positionOf([]);
  const where = `${file}:${line}: ${kind} ${metadata.name}`;
  const definition = definitionOf(one.object);
  if (definition === undefined) {
    return { isUsable: false, notes: [`${where}: passed over: its kind is not known here`] };
  }
  if (!withSpec.has(kind)) return { isUsable: true, notes: [] };
  const object = structuredClone(one.object);
  if (definition.namespaced) object.metadata.namespace ??= namespace;
  const unknown = checkFields(definition.schema, object).filter(({ kind }) => kind === 'unknown');
  const notes = unknown.map(({ message }) => `${where}: ${message}`);
  const refusal = refusalOf(definition, object);
  if (refusal === undefined) return { isUsable: true, notes };
  const note = `${where}: left out, the API server would refuse it: ${refusal}`;
  return { isUsable: false, notes: [...notes, note] };
}

/** The objects of manifests that can be judged, and notes on the others: the API server would not take them either. */
export function usable({ objects, notes }: Manifests, namespace: string): Manifests {
  const examined = objects.map((one) => examine(one, namespace));
  return {
    objects: objects.filter((_, at) => examined[at]?.isUsable === true),
    notes: [...notes, ...examined.flatMap((one) => one.notes)],
  };
}
