import { isConditionTrue, type CronJob, type Job } from '../../kube/index.ts';

/** How a Job ended; undefined while it has not. */
export function endOf({ status }: Job): 'Complete' | 'Failed' | undefined {
  return (['Complete', 'Failed'] as const).find((type) =>
    isConditionTrue(status?.conditions, type),
  );
}

function startOf({ status, metadata }: Job): number {
  return Date.parse(status?.startTime ?? metadata.creationTimestamp ?? '');
}

function beyond(jobs: readonly Job[], limit: number | undefined): Job[] {
  if (limit === undefined) return [];
  const oldestFirst = jobs.toSorted((one, two) => startOf(one) - startOf(two));
  return oldestFirst.slice(0, Math.max(0, jobs.length - limit));
}

/** Ended Jobs beyond what the history limits keep, oldest first. */
export function surplusJobs({ spec }: CronJob, jobs: readonly Job[]): Job[] {
  return [
    ...beyond(
      jobs.filter((job) => endOf(job) === 'Complete'),
      spec.successfulJobsHistoryLimit,
    ),
    ...beyond(
      jobs.filter((job) => endOf(job) === 'Failed'),
      spec.failedJobsHistoryLimit,
    ),
  ];
}
