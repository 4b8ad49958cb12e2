import type { DaemonSetStatus, Pod } from '../../kube/index.ts';
import { isReady } from '../pods.ts';
import { hashOf } from './daemon-pod.ts';
import { isAvailable, placesOf, type DaemonView } from './steps.ts';

function unlessNone<K extends string>(field: K, count: number): { readonly [field in K]?: number } {
  return count === 0 ? {} : ({ [field]: count } as { readonly [field in K]?: number });
}

/** The status that a DaemonSet should have; a node counts by its oldest pod. */
export function daemonStatus(view: DaemonView): DaemonSetStatus {
  const { set, hash } = view;
  const places = placesOf(view);
  const wanted = places.filter(({ placement }) => placement.shouldRun);
  const oldest = wanted.flatMap(({ pods }): Pod[] => pods.slice(0, 1));
  const available = oldest.filter((pod) => isAvailable(pod, view)).length;
  const strayed = places.filter(({ placement, pods }) => !placement.shouldRun && pods.length > 0);
  return {
    currentNumberScheduled: oldest.length,
    numberMisscheduled: strayed.length,
    desiredNumberScheduled: wanted.length,
    numberReady: oldest.filter(isReady).length,
    observedGeneration: set.metadata.generation ?? 1,
    ...unlessNone('updatedNumberScheduled', oldest.filter((pod) => hashOf(pod) === hash).length),
    ...unlessNone('numberAvailable', available),
    ...unlessNone('numberUnavailable', wanted.length - available),
  };
}
