import { isConditionTrue, type Pod } from '../kube/index.ts';

/** True while the pod may still run something: not failed, not done, not being deleted. */
export function isActive(pod: Pod): boolean {
  const phase = pod.status?.phase;
  return (
    phase !== 'Succeeded' && phase !== 'Failed' && pod.metadata.deletionTimestamp === undefined
  );
}

export function isReady(pod: Pod): boolean {
  return isConditionTrue(pod.status?.conditions, 'Ready');
}

/** Milliseconds since the epoch of the pod's turning ready; undefined while it is not. */
export function readySince(pod: Pod): number | undefined {
  const ready = pod.status?.conditions?.find(({ type }) => type === 'Ready');
  if (ready?.status !== 'True') return undefined;
  return Date.parse(ready.lastTransitionTime ?? pod.metadata.creationTimestamp ?? '');
}

/**
 * When a pod counts as available: ready for `minReadySeconds`.
 * @returns milliseconds since the epoch, past or future; undefined while it is not ready.
 */
export function availableAt(pod: Pod, minReadySeconds: number): number | undefined {
  const since = readySince(pod);
  return since === undefined ? undefined : since + minReadySeconds * 1000;
}

/** Order of deletion when there are too many: what serves least goes first (pkg/controller ActivePods). */
export function byLeastLoss(one: Pod, two: Pod): number {
  return (
    Number(isAssigned(one)) - Number(isAssigned(two)) ||
    phaseRank(one) - phaseRank(two) ||
    Number(isReady(one)) - Number(isReady(two)) ||
    deletionCost(one) - deletionCost(two) ||
    (readySince(two) ?? 0) - (readySince(one) ?? 0) ||
    restarts(two) - restarts(one) ||
    created(two) - created(one)
  );
}

function isAssigned(pod: Pod): boolean {
  return pod.spec.nodeName !== undefined && pod.spec.nodeName !== '';
}

function phaseRank(pod: Pod): number {
  const rank = ['Pending', 'Unknown', 'Running'].indexOf(pod.status?.phase ?? 'Pending');
  return rank === -1 ? 2 : rank;
}

/** KEP-2255: a hint of what a pod's loss costs. */
function deletionCost(pod: Pod): number {
  return Number(pod.metadata.annotations?.['controller.kubernetes.io/pod-deletion-cost'] ?? 0) || 0;
}

function restarts(pod: Pod): number {
  const statuses = pod.status?.containerStatuses ?? [];
  return Math.max(0, ...statuses.map(({ restartCount }) => restartCount));
}

function created(pod: Pod): number {
  return Date.parse(pod.metadata.creationTimestamp ?? '');
}
