import { timestamp, type Clock } from '../../clock/index.ts';
import {
  isConditionTrue,
  withCondition,
  type Condition,
  type ConditionState,
  type Job,
  type JobStatus,
  type Pod,
} from '../../kube/index.ts';
import { isActive, isReady } from '../pods.ts';
import { formatIndexes } from './indexes.ts';
import { isIndexed } from './job-pod.ts';
import { isTerminating, type Tally } from './tally.ts';
import type { Verdict } from './verdict.ts';

export interface Sight {
  readonly job: Job;
  readonly pods: readonly Pod[];
  readonly tally: Tally;
  readonly verdict: Verdict | undefined;
  readonly clock: Clock;
}

/** Conditions of Jobs have both times, of the transition and of the last look. */
function stated(
  conditions: readonly Condition[] | undefined,
  next: ConditionState,
  clock: Clock,
): Condition[] {
  const before = conditions?.find(({ type }) => type === next.type);
  const isSame = before?.status === next.status && before.reason === next.reason;
  if (isSame) return [...(conditions ?? [])];
  return withCondition(conditions, { lastProbeTime: timestamp(clock), ...next }, clock);
}

function suspension({ job, clock }: Sight): Condition[] {
  const { conditions = [] } = job.status ?? {};
  if (job.spec.suspend === true) {
    const reason = { reason: 'JobSuspended', message: 'Job suspended' };
    return stated(conditions, { type: 'Suspended', status: 'True', ...reason }, clock);
  }
  if (!isConditionTrue(conditions, 'Suspended')) return conditions;
  const reason = { reason: 'JobResumed', message: 'Job resumed' };
  return stated(conditions, { type: 'Suspended', status: 'False', ...reason }, clock);
}

/** True when all pods have ended and are counted: nothing keeps a decided Job from its last condition. */
export function isSettled({ pods, tally }: Sight): boolean {
  const { succeeded, failed } = tally.uncounted;
  return (
    succeeded.length + failed.length === 0 &&
    !pods.some((pod) => isActive(pod) || isTerminating(pod))
  );
}

function conditionsOf(sight: Sight): Condition[] {
  const { verdict, clock } = sight;
  if (verdict === undefined) return suspension(sight);
  const { isSuccess, reason, message } = verdict;
  const state = { status: 'True', reason, message } as const;
  const interim = isSuccess ? 'SuccessCriteriaMet' : 'FailureTarget';
  const decided = stated(sight.job.status?.conditions, { type: interim, ...state }, clock);
  if (!isSettled(sight)) return decided;
  return stated(decided, { type: isSuccess ? 'Complete' : 'Failed', ...state }, clock);
}

/** A Job starts when it is first seen unsuspended, and anew when it is resumed. */
function startTimeOf({ job, clock }: Sight): { startTime?: string } {
  const { startTime, conditions } = job.status ?? {};
  if (job.spec.suspend === true) return startTime === undefined ? {} : { startTime };
  const isResumed = isConditionTrue(conditions, 'Suspended');
  return { startTime: startTime === undefined || isResumed ? timestamp(clock) : startTime };
}

function unlessNone<K extends string>(field: K, count: number): { readonly [field in K]?: number } {
  return count === 0 ? {} : ({ [field]: count } as { readonly [field in K]?: number });
}

/** The status that a Job should have. */
export function jobStatus(sight: Sight): JobStatus {
  const { job, pods, tally, verdict, clock } = sight;
  const conditions = conditionsOf(sight);
  const { succeeded, failed } = tally.uncounted;
  const isDone = isConditionTrue(conditions, 'Complete');
  const active = verdict === undefined ? pods.filter(isActive) : [];
  return {
    ...(conditions.length === 0 ? {} : { conditions }),
    ...startTimeOf(sight),
    ...(isDone ? { completionTime: job.status?.completionTime ?? timestamp(clock) } : {}),
    ...unlessNone('active', active.length),
    ...unlessNone('succeeded', tally.counted.succeeded),
    ...unlessNone('failed', tally.counted.failed),
    terminating: pods.filter(isTerminating).length,
    ...(isIndexed(job) && tally.completed.size > 0
      ? { completedIndexes: formatIndexes(tally.completed) }
      : {}),
    uncountedTerminatedPods: {
      ...(succeeded.length === 0 ? {} : { succeeded: [...succeeded] }),
      ...(failed.length === 0 ? {} : { failed: [...failed] }),
    },
    ready: active.filter(isReady).length,
  };
}
