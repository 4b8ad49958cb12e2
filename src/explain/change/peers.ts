import { cidrOf, formatCidr, type Address } from '../../ip/index.ts';
import { namespaceNameLabel, type LabelSelector, type Pod } from '../../kube/index.ts';
import { belongsTo } from '../../snapshot/index.ts';
import { isAnybodyOutside, type Station } from '../places/station.ts';
import type { Scene } from '../scene.ts';

/** Labels that controllers add, which the next pod of the same template will not have. */
const generated = new Set([
  'pod-template-hash',
  'pod-template-generation',
  'controller-revision-hash',
  'controller-uid',
  'batch.kubernetes.io/controller-uid',
  'batch.kubernetes.io/job-name',
  'job-name',
  'statefulset.kubernetes.io/pod-name',
  'apps.kubernetes.io/pod-index',
]);

/** The labels by which a pod's workload knows it, or all that its author gave it. */
function labelsFor({ snapshot }: Scene, pod: Pod): Record<string, string> {
  const own = Object.entries(pod.metadata.labels ?? {}).filter(([key]) => !generated.has(key));
  const workload = [...snapshot.workloads.values()].find(
    (one) => one.kind !== 'ReplicaSet' && belongsTo(pod, one),
  );
  const { selector } = (workload?.['spec'] ?? {}) as { selector?: LabelSelector };
  const keys = Object.keys(selector?.matchLabels ?? {});
  const known = own.filter(([key]) => keys.includes(key));
  return Object.fromEntries(known.length > 0 ? known : own);
}

export function podSelectorFor(scene: Scene, pod: Pod): LabelSelector {
  const matchLabels = labelsFor(scene, pod);
  return Object.keys(matchLabels).length === 0 ? {} : { matchLabels };
}

export function namespaceSelectorFor(namespace: string): LabelSelector {
  return { matchLabels: { [namespaceNameLabel]: namespace } };
}

/** The one address, or all of a family for the world outside, which has no address of its own. */
export function blockFor(station: Station, address: Address): string {
  if (isAnybodyOutside(station)) return address.family === 4 ? '0.0.0.0/0' : '::/0';
  return formatCidr(cidrOf(address));
}
