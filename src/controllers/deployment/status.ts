import type { Clock } from '../../clock/index.ts';
import {
  conditionOf,
  withCondition,
  withoutCondition,
  type Condition,
  type ConditionState,
  type Deployment,
  type DeploymentStatus,
  type ReplicaSet,
} from '../../kube/index.ts';
import { available, bounds, sum } from './rolling.ts';

/** What a Deployment's status is computed from. */
export interface StatusInputs {
  readonly deployment: Deployment;
  readonly newSet: ReplicaSet | undefined;
  readonly all: readonly ReplicaSet[];
  readonly clock: Clock;
}

const replicas = (set: ReplicaSet): number => set.status?.replicas ?? 0;
const ready = (set: ReplicaSet): number => set.status?.readyReplicas ?? 0;

function numbers({ deployment, newSet, all }: StatusInputs): DeploymentStatus {
  const total = sum(all, replicas);
  const able = sum(all, available);
  return {
    observedGeneration: deployment.metadata.generation ?? 1,
    replicas: total,
    updatedReplicas: newSet === undefined ? 0 : replicas(newSet),
    readyReplicas: sum(all, ready),
    availableReplicas: able,
    unavailableReplicas: Math.max(0, Math.max(total, deployment.spec.replicas ?? 1) - able),
  };
}

/** True when every wanted pod is new and available, and no other is left. */
export function isComplete(deployment: Deployment, status: DeploymentStatus): boolean {
  const wanted = deployment.spec.replicas ?? 1;
  return (
    status.updatedReplicas === wanted &&
    status.replicas === wanted &&
    status.availableReplicas === wanted
  );
}

function hasMoved(before: DeploymentStatus, now: DeploymentStatus): boolean {
  const old = (status: DeploymentStatus): number =>
    (status.replicas ?? 0) - (status.updatedReplicas ?? 0);
  return (
    (now.updatedReplicas ?? 0) > (before.updatedReplicas ?? 0) ||
    old(now) < old(before) ||
    (now.readyReplicas ?? 0) > (before.readyReplicas ?? 0) ||
    (now.availableReplicas ?? 0) > (before.availableReplicas ?? 0)
  );
}

/** Milliseconds since the epoch at which a rollout without progress has failed; undefined when it cannot. */
export function progressDeadline(deployment: Deployment): number | undefined {
  const seconds = deployment.spec.progressDeadlineSeconds;
  const condition = conditionOf(deployment.status?.conditions, 'Progressing');
  if (seconds === undefined || condition?.lastUpdateTime === undefined) return undefined;
  return Date.parse(condition.lastUpdateTime) + seconds * 1000;
}

function progress(inputs: StatusInputs, status: DeploymentStatus): ConditionState | undefined {
  const { deployment, newSet, clock } = inputs;
  const current = conditionOf(deployment.status?.conditions, 'Progressing');
  const which = newSet?.metadata.name ?? deployment.metadata.name;
  if (deployment.spec.progressDeadlineSeconds === undefined) return undefined;
  if (deployment.spec.paused === true) {
    return {
      type: 'Progressing',
      status: 'Unknown',
      reason: 'DeploymentPaused',
      message: 'Deployment is paused',
    };
  }
  if (isComplete(deployment, status)) {
    return {
      type: 'Progressing',
      status: 'True',
      reason: 'NewReplicaSetAvailable',
      message: `ReplicaSet "${which}" has successfully progressed.`,
    };
  }
  // A new template starts a new rollout, whatever became of the last one: its deadline runs from here.
  if (current?.message !== undefined && newSet !== undefined && !speaksOf(current, newSet)) {
    return {
      type: 'Progressing',
      status: 'True',
      reason: 'NewReplicaSetCreated',
      message: `Created new replica set "${which}"`,
    };
  }
  if (
    current === undefined ||
    current.reason === 'DeploymentPaused' ||
    hasMoved(deployment.status ?? {}, status)
  ) {
    return {
      type: 'Progressing',
      status: 'True',
      reason: 'ReplicaSetUpdated',
      message: `ReplicaSet "${which}" is progressing.`,
    };
  }
  // A rollout that was complete and is not any more (a node died) is not a new rollout: its deadline does not run.
  if (current.reason === 'NewReplicaSetAvailable') return undefined;
  if ((progressDeadline(deployment) ?? Infinity) <= clock.now()) {
    return {
      type: 'Progressing',
      status: 'False',
      reason: 'ProgressDeadlineExceeded',
      message: `ReplicaSet "${which}" has timed out progressing.`,
    };
  }
  return undefined;
}

/** Every message of the Progressing condition names its ReplicaSet, but for that of a pause. */
function speaksOf({ reason, message }: Condition, set: ReplicaSet): boolean {
  return reason === 'DeploymentPaused' || message?.includes(`"${set.metadata.name}"`) === true;
}

function availability(deployment: Deployment, status: DeploymentStatus): ConditionState {
  const wanted = deployment.spec.replicas ?? 1;
  const isAvailable = (status.availableReplicas ?? 0) >= wanted - bounds(deployment).maxUnavailable;
  return isAvailable
    ? {
        type: 'Available',
        status: 'True',
        reason: 'MinimumReplicasAvailable',
        message: 'Deployment has minimum availability.',
      }
    : {
        type: 'Available',
        status: 'False',
        reason: 'MinimumReplicasUnavailable',
        message: 'Deployment does not have minimum availability.',
      };
}

/** The conditions with `next`; `lastUpdateTime` moves whenever the reason or the numbers behind it moved. */
function updated(
  conditions: readonly Condition[] | undefined,
  next: ConditionState,
  clock: Clock,
  isFresh: boolean,
): Condition[] {
  const before = conditionOf(conditions, next.type);
  const isSame =
    before?.status === next.status &&
    before.reason === next.reason &&
    before.message === next.message;
  const keep = isSame && !isFresh ? before.lastUpdateTime : undefined;
  const now = `${new Date(clock.now()).toISOString().slice(0, 19)}Z`;
  return withCondition(conditions, { ...next, lastUpdateTime: keep ?? now }, clock);
}

/** The whole status of a Deployment, with the conditions that `kubectl rollout status` reads. */
export function deploymentStatus(inputs: StatusInputs): DeploymentStatus {
  const { deployment, all, clock } = inputs;
  const status = numbers(inputs);
  let conditions = updated(
    deployment.status?.conditions,
    availability(deployment, status),
    clock,
    false,
  );
  const next = progress(inputs, status);
  if (next !== undefined) {
    conditions = updated(conditions, next, clock, hasMoved(deployment.status ?? {}, status));
  }
  const failure = all
    .map((set) => conditionOf(set.status?.conditions, 'ReplicaFailure'))
    .find((condition) => condition !== undefined);
  conditions =
    failure === undefined
      ? withoutCondition(conditions, 'ReplicaFailure')
      : updated(conditions, { ...failure, type: 'ReplicaFailure' }, clock, false);
  return { ...deployment.status, ...status, conditions };
}
