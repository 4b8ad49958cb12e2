import { isConditionTrue, isPodTerminal, type Job, type Pod } from '../../kube/index.ts';
import { isActive } from '../pods.ts';
import { failedOf, succeededOf, type Tally } from './tally.ts';

/** How a Job ends. It is known before its last pods are gone; only then is the Job Complete or Failed. */
export interface Verdict {
  readonly isSuccess: boolean;
  readonly reason: string;
  readonly message: string;
}

const completed: Verdict = {
  isSuccess: true,
  reason: 'CompletionsReached',
  message: 'Reached expected number of succeeded pods',
};

const exhausted: Verdict = {
  isSuccess: false,
  reason: 'BackoffLimitExceeded',
  message: 'Job has reached the specified backoff limit',
};

const late: Verdict = {
  isSuccess: false,
  reason: 'DeadlineExceeded',
  message: 'Job was active longer than specified deadline',
};

/** A verdict stands once it is in the status, whatever happens to the pods afterwards. */
export function standingVerdict({ status }: Job): Verdict | undefined {
  for (const [type, isSuccess] of [
    ['SuccessCriteriaMet', true],
    ['FailureTarget', false],
  ] as const) {
    const standing = status?.conditions?.find(
      (condition) => condition.type === type && condition.status === 'True',
    );
    if (standing === undefined) continue;
    return { isSuccess, reason: standing.reason ?? '', message: standing.message ?? '' };
  }
  return undefined;
}

export function isFinished({ status }: Job): boolean {
  return ['Complete', 'Failed'].some((type) => isConditionTrue(status?.conditions, type));
}

/** Milliseconds since the epoch at which the Job has been active for too long; undefined when it may take for ever. */
export function deadlineOf({ spec, status }: Job): number | undefined {
  if (spec.activeDeadlineSeconds === undefined || status?.startTime === undefined) return undefined;
  if (spec.suspend === true) return undefined;
  return Date.parse(status.startTime) + spec.activeDeadlineSeconds * 1000;
}

/** Pods that restart their containers in place never fail themselves: their restarts count instead. */
function hasRestartedTooOften({ spec }: Job, pods: readonly Pod[]): boolean {
  if (spec.template.spec.restartPolicy !== 'OnFailure') return false;
  const restarts = pods
    .filter((pod) => !isPodTerminal(pod))
    .flatMap(({ status }) => [
      ...(status?.initContainerStatuses ?? []),
      ...(status?.containerStatuses ?? []),
    ])
    .reduce((total, { restartCount }) => total + restartCount, 0);
  const limit = spec.backoffLimit ?? 6;
  return limit === 0 ? restarts > 0 : restarts >= limit;
}

function isComplete(job: Job, pods: readonly Pod[], tally: Tally): boolean {
  const { completions } = job.spec;
  if (completions !== undefined) return succeededOf(tally) >= completions;
  // A work queue is done when a worker found it empty and the others have come to their ends.
  return succeededOf(tally) > 0 && !pods.some(isActive);
}

/** Whether the Job is decided, and how. */
export function verdictOf(
  job: Job,
  {
    pods,
    tally,
    now,
  }: { readonly pods: readonly Pod[]; readonly tally: Tally; readonly now: number },
): Verdict | undefined {
  const standing = standingVerdict(job);
  if (standing !== undefined) return standing;
  if (failedOf(tally) > (job.spec.backoffLimit ?? 6) || hasRestartedTooOften(job, pods)) {
    return exhausted;
  }
  if ((deadlineOf(job) ?? Infinity) <= now) return late;
  return isComplete(job, pods, tally) ? completed : undefined;
}
