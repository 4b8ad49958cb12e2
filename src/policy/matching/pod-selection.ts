import type { LabelSelector, Pod } from '../../kube/index.ts';
import { keyOf } from '../../kube/index.ts';
import type { PolicyWorld } from '../contract.ts';
import { namespaceLabels } from '../selectors.ts';
import { selectorMiss } from './selector-miss.ts';

/** Pods of one namespace or of all whose labels match, and whose own labels match; absent means all. */
export interface PodSelection {
  readonly namespace: string | SelectorAt;
  readonly pods?: SelectorAt;
}

/** A selector and its place in the object. */
export interface SelectorAt {
  readonly at: string;
  readonly selector: LabelSelector;
}

/** Why the pod is not in the selection; `undefined` when it is. Both parts have to match (row 16). */
export function podMiss(
  world: Pick<PolicyWorld, 'namespaces'>,
  pod: Pod,
  { namespace, pods }: PodSelection,
): string | undefined {
  return (
    namespaceMiss(world, pod, namespace) ??
    (pods &&
      selectorMiss(pods.selector, {
        at: pods.at,
        who: `pod ${keyOf(pod)}`,
        labels: pod.metadata.labels ?? {},
      }))
  );
}

function namespaceMiss(
  world: Pick<PolicyWorld, 'namespaces'>,
  pod: Pod,
  wanted: PodSelection['namespace'],
): string | undefined {
  const name = pod.metadata.namespace ?? '';
  if (typeof wanted === 'string') {
    return wanted === name
      ? undefined
      : `only pods of namespace ${wanted} are meant, pod ${keyOf(pod)} is in ${name}`;
  }
  return selectorMiss(wanted.selector, {
    at: wanted.at,
    who: `namespace ${name} of pod ${keyOf(pod)}`,
    labels: namespaceLabels(world.namespaces, name),
  });
}
