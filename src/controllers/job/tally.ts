import { isPodTerminal, type Job, type JobStatus, type Pod } from '../../kube/index.ts';
import { parseIndexes } from './indexes.ts';
import { indexOf, isIndexed, isTracked } from './job-pod.ts';

/** Uids of pods that have ended and are in no counter yet. */
export interface Uncounted {
  readonly succeeded: readonly string[];
  readonly failed: readonly string[];
}

/** What a Job's pods came to, the ended and the removed ones included. */
export interface Tally {
  /** For the counters of the status, without the uncounted. */
  readonly counted: { readonly succeeded: number; readonly failed: number };
  readonly uncounted: Uncounted;
  /** Of indexed Jobs: what is done. */
  readonly completed: ReadonlySet<number>;
  /** Pods that are in the uncounted now: once the status says so, they may go. */
  readonly released: readonly Pod[];
}

export function succeededOf(tally: Tally): number {
  return tally.counted.succeeded + tally.uncounted.succeeded.length;
}

export function failedOf(tally: Tally): number {
  return tally.counted.failed + tally.uncounted.failed.length;
}

/** A pod on its way out never gets to say how it ended, unless its replacement waits for that. */
function isFailed(job: Job, pod: Pod): boolean {
  if (pod.status?.phase === 'Failed') return true;
  if (job.spec.podReplacementPolicy === 'Failed') return false;
  return pod.metadata.deletionTimestamp !== undefined && pod.status?.phase !== 'Succeeded';
}

function countsIndex(job: Job, pod: Pod): boolean {
  if (!isIndexed(job)) return true;
  const index = indexOf(pod);
  return index !== undefined && index < (job.spec.completions ?? 0);
}

function uidsOf(pods: readonly Pod[]): string[] {
  return pods.map(({ metadata }) => metadata.uid ?? '');
}

/**
 * Counts in two steps, so that no pod is counted twice or forgotten, whatever dies in between (KEP-2307): an ended pod's uid
 * is written into the status, then the pod's finalizer is taken off, then the uid becomes part of the counter.
 * @param isFailing true when the Job has failed: all its pods have, then
 */
export function tallyOf(job: Job, pods: readonly Pod[], isFailing: boolean): Tally {
  const status: JobStatus = job.status ?? {};
  const tracked = pods.filter(isTracked);
  const held = new Set(uidsOf(tracked));
  const before = {
    succeeded: status.uncountedTerminatedPods?.succeeded ?? [],
    failed: status.uncountedTerminatedPods?.failed ?? [],
  };
  const known = new Set([...before.succeeded, ...before.failed]);
  const succeeded = tracked.filter((pod) => pod.status?.phase === 'Succeeded');
  const failed = tracked.filter(
    (pod) => !succeeded.includes(pod) && (isFailing || isFailed(job, pod)),
  );
  const isNew = (uid: string): boolean => !known.has(uid);
  const left = (uids: readonly string[]): string[] => uids.filter((uid) => held.has(uid));
  const completed = completedIndexes(job, pods);
  return {
    counted: {
      succeeded: isIndexed(job)
        ? completed.size
        : (status.succeeded ?? 0) + before.succeeded.length - left(before.succeeded).length,
      failed: (status.failed ?? 0) + before.failed.length - left(before.failed).length,
    },
    uncounted: {
      // The index of a pod tells that it was counted; uids are for pods that are all alike.
      succeeded: isIndexed(job)
        ? []
        : [...left(before.succeeded), ...uidsOf(succeeded).filter(isNew)],
      failed: [
        ...left(before.failed),
        ...uidsOf(failed.filter((pod) => countsIndex(job, pod))).filter(isNew),
      ],
    },
    completed,
    released: [...succeeded, ...failed],
  };
}

function completedIndexes(job: Job, pods: readonly Pod[]): Set<number> {
  if (!isIndexed(job)) return new Set();
  const { completions = 0 } = job.spec;
  const completed = parseIndexes(job.status?.completedIndexes ?? '', completions);
  for (const pod of pods) {
    const index = indexOf(pod);
    if (pod.status?.phase !== 'Succeeded' || index === undefined) continue;
    if (index < completions) completed.add(index);
  }
  return completed;
}

/** True while a pod is asked to end and has not. */
export function isTerminating(pod: Pod): boolean {
  return pod.metadata.deletionTimestamp !== undefined && !isPodTerminal(pod);
}
