import type { StatefulSetStatus } from '../../kube/index.ts';
import { revisionOf } from './identity.ts';
import { isAvailable, isRunningAndReady, type StatefulView } from './steps.ts';

export interface StatefulSight extends StatefulView {
  /** Name of the ControllerRevision before the rollout under way. */
  readonly currentRevision: string;
}

/** The status that a StatefulSet should have. */
export function statefulStatus(sight: StatefulSight): StatefulSetStatus {
  const { set, pods, currentRevision, updateRevision } = sight;
  const { replicas = 1, updateStrategy } = set.spec;
  const ofRevision = (revision: string): number =>
    pods.filter(
      (pod) => pod.metadata.deletionTimestamp === undefined && revisionOf(pod) === revision,
    ).length;
  const updated = ofRevision(updateRevision);
  const ready = pods.filter(isRunningAndReady).length;
  const isRolledOut =
    updateStrategy?.type !== 'OnDelete' &&
    updated === replicas &&
    ready === replicas &&
    pods.length === replicas;
  const settled = isRolledOut ? updateRevision : currentRevision;
  return {
    ...set.status,
    observedGeneration: set.metadata.generation ?? 1,
    replicas: pods.length,
    readyReplicas: ready,
    availableReplicas: pods.filter((pod) => isAvailable(pod, sight)).length,
    currentReplicas: ofRevision(settled),
    updatedReplicas: updated,
    currentRevision: settled,
    updateRevision,
    collisionCount: set.status?.collisionCount ?? 0,
  };
}
