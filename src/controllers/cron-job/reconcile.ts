import { isDeepStrictEqual } from 'node:util';
import type { EventRecorder, Informer } from '../../client/index.ts';
import { messageOf } from '../../fault/index.ts';
import {
  ApiError,
  cronJobKind,
  isControlledBy,
  jobKind,
  keyOf,
  type CronJob,
  type CronJobStatus,
  type Job,
  type ObjectReference,
} from '../../kube/index.ts';
import type { ControllerContext } from '../controller.ts';
import { deleteIfThere, isRefusedByTermination } from '../ensure.ts';
import { OwnWrites } from '../own-writes.ts';
import { dueOf, timeText } from './due.ts';
import { endOf, surplusJobs } from './history.ts';
import { referenceTo, scheduledJob } from './scheduled-job.ts';

export const COMPONENT = 'cronjob-controller';
/** Jobs by the uid of their controller. */
export const OWNER_INDEX = 'cronJobUid';

export interface CronJobCaches {
  readonly cronJobs: Informer<CronJob>;
  readonly jobs: Informer<Job>;
}

type Tell = (type: 'Normal' | 'Warning', reason: string, message: string) => void;

/** One look at one CronJob. */
export class CronJobReconciler {
  private readonly context: ControllerContext;
  private readonly caches: CronJobCaches;
  private readonly ownWrites: OwnWrites<Job>;
  private readonly events: EventRecorder;
  private readonly again: (key: string, delayMs: number) => void;

  constructor(
    context: ControllerContext,
    caches: CronJobCaches,
    again: (key: string, delayMs: number) => void,
  ) {
    this.context = context;
    this.caches = caches;
    this.ownWrites = new OwnWrites(caches.jobs);
    this.events = context.events(COMPONENT);
    this.again = again;
  }

  async reconcile(key: string): Promise<void> {
    const cronJob = this.caches.cronJobs.get(key);
    if (cronJob === undefined || cronJob.metadata.deletionTimestamp !== undefined) return;
    const jobs = this.jobsOf(cronJob);
    const tell: Tell = (type, reason, message) =>
      this.events.event(cronJob, { type, reason, message });
    const surplus = surplusJobs(cronJob, jobs);
    for (const job of surplus) await this.delete(job, tell);
    const seen = this.follow(cronJob, jobs, tell);
    const status = await this.start({ ...cronJob, status: seen }, jobs, tell);
    if (isDeepStrictEqual(status, cronJob.status ?? {})) return;
    await this.context.client.updateStatus(cronJobKind, { ...cronJob, status });
  }

  private jobsOf(cronJob: CronJob): Job[] {
    const cached = this.caches.jobs.byIndex(OWNER_INDEX, cronJob.metadata.uid ?? '');
    return this.ownWrites.seenThrough(cached, (job) => isControlledBy(job, cronJob));
  }

  /** The status in step with what became of the Jobs. */
  private follow(cronJob: CronJob, jobs: readonly Job[], tell: Tell): CronJobStatus {
    const { active = [], lastSuccessfulTime, ...rest } = cronJob.status ?? {};
    const isKept = (reference: ObjectReference): boolean => {
      const job = jobs.find(({ metadata }) => metadata.uid === reference.uid);
      if (job === undefined) {
        tell('Normal', 'MissingJob', `Active job went missing: ${reference.name ?? ''}`);
        return false;
      }
      const end = endOf(job);
      if (end === undefined) return true;
      const name = job.metadata.name;
      tell('Normal', 'SawCompletedJob', `Saw completed job: ${name}, condition: ${end}`);
      return false;
    };
    const kept = active.filter(isKept);
    const successes = jobs
      .filter((job) => endOf(job) === 'Complete')
      .flatMap(({ status }) => status?.completionTime ?? []);
    const last = [...successes, ...(lastSuccessfulTime === undefined ? [] : [lastSuccessfulTime])];
    return {
      ...rest,
      ...(kept.length === 0 ? {} : { active: kept }),
      // RFC 3339 in UTC: the order of the texts is the order of the times.
      ...(last.length === 0 ? {} : { lastSuccessfulTime: last.sort().at(-1) ?? '' }),
    };
  }

  /** Starts the Job that is due, if its policy allows it. @returns the status with it */
  private async start(cronJob: CronJob, jobs: readonly Job[], tell: Tell): Promise<CronJobStatus> {
    const { status = {}, spec } = cronJob;
    if (spec.suspend === true) return status;
    const now = this.context.clock.now();
    const { scheduled, isTooLate, hasMissedMany, next } = dueOf(cronJob, now);
    if (next !== undefined) this.again(keyOf(cronJob), Math.max(1, next - now));
    if (scheduled === undefined) return status;
    if (hasMissedMany) {
      tell(
        'Warning',
        'TooManyMissedTimes',
        'too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew',
      );
    }
    if (isTooLate) {
      tell(
        'Warning',
        'MissSchedule',
        `Missed scheduled time to start a job: ${timeText(scheduled)}`,
      );
      return status;
    }
    const running = jobs.filter((job) => endOf(job) === undefined && isActive(status, job));
    if (spec.concurrencyPolicy === 'Forbid' && running.length > 0) {
      const message =
        'Not starting job because prior execution is running and concurrency policy is Forbid';
      tell('Normal', 'JobAlreadyActive', message);
      return status;
    }
    const replaces = spec.concurrencyPolicy === 'Replace';
    if (replaces) for (const job of running) await this.delete(job, tell);
    const kept = replaces ? [] : (status.active ?? []);
    return this.create(cronJob, scheduled, { status: { ...status, active: kept }, tell });
  }

  private async create(
    cronJob: CronJob,
    scheduled: number,
    { status, tell }: { readonly status: CronJobStatus; readonly tell: Tell },
  ): Promise<CronJobStatus> {
    const job = await this.made(scheduledJob(cronJob, scheduled), tell);
    const lastScheduleTime = timeText(scheduled);
    const isKnown = job === undefined || !isControlledBy(job, cronJob) || isActive(status, job);
    const active = [...(status.active ?? []), ...(isKnown ? [] : [referenceTo(job)])];
    const { active: _before, ...rest } = status;
    return { ...rest, ...(active.length === 0 ? {} : { active }), lastScheduleTime };
  }

  /** @returns undefined where the namespace is on its way out */
  private async made(draft: Job, tell: Tell): Promise<Job | undefined> {
    const { name, namespace = '' } = draft.metadata;
    try {
      const job = await this.context.client.create(jobKind, draft);
      this.ownWrites.wrote(job);
      tell('Normal', 'SuccessfulCreate', `Created job ${name}`);
      return job;
    } catch (error) {
      if (isRefusedByTermination(error)) return undefined;
      // Made by us before, and not noted because the daemon ended in between.
      if (error instanceof ApiError && error.reason === 'AlreadyExists') {
        return this.context.client.get(jobKind, { name, namespace });
      }
      tell('Warning', 'FailedCreate', `Error creating job: ${messageOf(error)}`);
      throw error;
    }
  }

  private async delete(job: Job, tell: Tell): Promise<void> {
    const { name, uid, deletionTimestamp } = job.metadata;
    if (deletionTimestamp !== undefined) return;
    const preconditions = uid === undefined ? {} : { uid };
    const options = { propagationPolicy: 'Background', preconditions } as const;
    await deleteIfThere(this.context.client, jobKind, job, options);
    this.ownWrites.deleted(job);
    tell('Normal', 'SuccessfulDelete', `Deleted job ${name}`);
  }
}

function isActive({ active = [] }: CronJobStatus, job: Job): boolean {
  return active.some(({ uid }) => uid === job.metadata.uid);
}
