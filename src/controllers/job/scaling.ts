import type { Job, Pod } from '../../kube/index.ts';
import { byLeastLoss, isActive } from '../pods.ts';
import { freeIndexes } from './indexes.ts';
import { indexOf, isIndexed } from './job-pod.ts';
import { isTerminating, succeededOf, type Tally } from './tally.ts';

/** What is to be done about the number of pods. */
export interface Scaling {
  readonly surplus: readonly Pod[];
  /** One for each pod to make: its index, or undefined when pods are alike. */
  readonly missing: readonly (number | undefined)[];
}

function wantedCount({ spec }: Job, active: number, succeeded: number): number {
  const { parallelism = 1, completions } = spec;
  // A work queue that one worker found empty gets no more workers.
  if (completions === undefined) return succeeded > 0 ? Math.min(active, parallelism) : parallelism;
  return Math.max(0, Math.min(parallelism, completions - succeeded));
}

/** Pods whose index is done, out of range, or that of an older pod: nobody needs them. */
function needlessPods(job: Job, active: readonly Pod[], tally: Tally): Pod[] {
  if (!isIndexed(job)) return [];
  const taken = new Set(tally.completed);
  return active.toSorted(byCreation).filter((pod) => {
    const index = indexOf(pod);
    if (index === undefined || index >= (job.spec.completions ?? 0) || taken.has(index))
      return true;
    taken.add(index);
    return false;
  });
}

function byCreation(one: Pod, two: Pod): number {
  const [first = '', second = ''] = [one, two].map(({ metadata }) => metadata.creationTimestamp);
  return first < second ? -1 : Number(first > second);
}

/** Which pods a running Job lacks or has too many of. */
export function scalingOf(job: Job, pods: readonly Pod[], tally: Tally): Scaling {
  const active = pods.filter(isActive);
  const needless = needlessPods(job, active, tally);
  const useful = active.filter((pod) => !needless.includes(pod));
  const waitsForEnd = job.spec.podReplacementPolicy === 'Failed';
  const ending = waitsForEnd ? pods.filter(isTerminating) : [];
  const wanted = wantedCount(job, useful.length, succeededOf(tally));
  const surplus = useful.toSorted(byLeastLoss).slice(0, Math.max(0, useful.length - wanted));
  const count = Math.max(0, wanted - useful.length - ending.length);
  return {
    surplus: [...needless, ...surplus],
    missing: missing(job, count, [...useful, ...ending], tally),
  };
}

function missing(
  job: Job,
  count: number,
  working: readonly Pod[],
  tally: Tally,
): (number | undefined)[] {
  if (!isIndexed(job)) return Array.from({ length: count }, () => undefined);
  const busy = working.map(indexOf).filter((index) => index !== undefined);
  const taken = new Set([...tally.completed, ...busy]);
  return freeIndexes(taken, { count, completions: job.spec.completions ?? 0 });
}
