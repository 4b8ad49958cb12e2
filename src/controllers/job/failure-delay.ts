import type { Pod } from '../../kube/index.ts';

/** As kube-controller-manager: after the first failure 10 s, doubling, at most 10 minutes. */
const FIRST_MS = 10_000;
const LONGEST_MS = 600_000;

/** Milliseconds since the epoch at which the last container of the pod ended. */
function finishedAt({ status, metadata }: Pod): number {
  const ends = (status?.containerStatuses ?? [])
    .map(({ state }) => Date.parse(state?.terminated?.finishedAt ?? ''))
    .filter((time) => !Number.isNaN(time));
  if (ends.length > 0) return Math.max(...ends);
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  const text = metadata.deletionTimestamp ?? ready?.lastTransitionTime;
  return Date.parse(text ?? metadata.creationTimestamp ?? '');
}

/** When a Job whose pods keep failing may try another one: milliseconds since the epoch, 0 for at once. */
export function nextAttemptAt(pods: readonly Pod[]): number {
  const ofPhase = (phase: string): number[] =>
    pods.filter(({ status }) => status?.phase === phase).map(finishedAt);
  const lastSuccess = Math.max(0, ...ofPhase('Succeeded'));
  const failures = ofPhase('Failed').filter((time) => time > lastSuccess);
  if (failures.length === 0) return 0;
  return Math.max(...failures) + Math.min(LONGEST_MS, FIRST_MS * 2 ** (failures.length - 1));
}
