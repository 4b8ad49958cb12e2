import { isDeepStrictEqual } from 'node:util';
import type { EventRecorder, Informer } from '../../client/index.ts';
import {
  isConditionTrue,
  isControlledBy,
  jobKind,
  keyOf,
  type Job,
  type JobStatus,
  type Pod,
} from '../../kube/index.ts';
import type { ControllerContext } from '../controller.ts';
import { isRefusedByTermination } from '../ensure.ts';
import { OwnedPods } from '../owned-pods/owned-pods.ts';
import { atOnce, slowStart } from '../owned-pods/rounds.ts';
import { isActive } from '../pods.ts';
import { nextAttemptAt } from './failure-delay.ts';
import { jobPod, TRACKING } from './job-pod.ts';
import { scalingOf } from './scaling.ts';
import { jobStatus } from './status.ts';
import { tallyOf, type Tally } from './tally.ts';
import { removalAt } from './time-to-live.ts';
import { deadlineOf, isFinished, standingVerdict, verdictOf } from './verdict.ts';

export const COMPONENT = 'job-controller';
/** Pods with the tracking finalizer, by the key of the Job that they say they are of. */
export const TRACKED_INDEX = 'trackedByJob';

export interface JobCaches {
  readonly jobs: Informer<Job>;
  readonly pods: Informer<Pod>;
}

/** One look at one Job. */
export class JobReconciler {
  readonly owned: OwnedPods<Job>;
  private readonly context: ControllerContext;
  private readonly caches: JobCaches;
  private readonly events: EventRecorder;
  private readonly again: (key: string, delayMs: number) => void;

  constructor(
    context: ControllerContext,
    caches: JobCaches,
    again: (key: string, delayMs: number) => void,
  ) {
    this.context = context;
    this.caches = caches;
    this.events = context.events(COMPONENT);
    this.again = again;
    this.owned = new OwnedPods({
      context,
      kind: jobKind,
      owners: caches.jobs,
      pods: caches.pods,
      events: this.events,
      finalizers: [TRACKING],
    });
  }

  async reconcile(key: string): Promise<void> {
    const job = this.caches.jobs.get(key);
    await this.releaseStrays(key, job);
    if (job === undefined) this.owned.forget(key);
    else if (isFinished(job)) await this.removeInTime(job);
    else await this.run(job);
  }

  /** Pods that wait to be counted by a Job that is over, gone or another one of the same name: nothing counts them. */
  private async releaseStrays(key: string, job: Job | undefined): Promise<void> {
    const strays = this.caches.pods
      .byIndex(TRACKED_INDEX, key)
      .filter((pod) => !isCountedBy(pod, job));
    await this.untrack(strays);
  }

  private async removeInTime(job: Job): Promise<void> {
    const at = removalAt(job);
    if (at === undefined || job.metadata.deletionTimestamp !== undefined) return;
    const left = at - this.context.clock.now();
    if (left > 0) {
      this.again(keyOf(job), left);
      return;
    }
    const { name, namespace = '', uid, resourceVersion } = job.metadata;
    await this.context.client.delete(
      jobKind,
      { name, namespace },
      {
        propagationPolicy: 'Foreground',
        preconditions: {
          ...(uid === undefined ? {} : { uid }),
          ...(resourceVersion === undefined ? {} : { resourceVersion }),
        },
      },
    );
  }

  private async run(job: Job): Promise<void> {
    const { clock } = this.context;
    const pods = await this.owned.claim(job);
    const isFailing = standingVerdict(job)?.isSuccess === false;
    const tally = tallyOf(job, pods, isFailing);
    const verdict = verdictOf(job, { pods, tally, now: clock.now() });
    const failure = await this.act(job, { pods, tally, isDecided: verdict !== undefined });
    await this.writeStatus(job, jobStatus({ job, pods, tally, verdict, clock }));
    await this.untrack(tally.released);
    const deadline = deadlineOf(job);
    if (deadline !== undefined && verdict === undefined) {
      this.again(keyOf(job), deadline - clock.now());
    }
    if (failure !== undefined) throw failure;
  }

  /** Makes and deletes pods. @returns why that did not work, so that the status is written all the same */
  private async act(job: Job, how: Pods): Promise<unknown> {
    try {
      const isOver = job.metadata.deletionTimestamp !== undefined;
      if (isOver || !this.owned.isUpToDate(job)) return undefined;
      if (how.isDecided) await this.deleteAll(job, how.pods.filter(isActive));
      else if (job.spec.suspend === true) await this.withdraw(job, how.pods.filter(isActive));
      else await this.scale(job, how);
      return undefined;
    } catch (error) {
      return isRefusedByTermination(error) ? undefined : error;
    }
  }

  private async scale(job: Job, { pods, tally }: Pods): Promise<void> {
    const { surplus, missing } = scalingOf(job, pods, tally);
    await this.withdraw(job, surplus);
    if (missing.length === 0) return;
    const wait = nextAttemptAt(pods) - this.context.clock.now();
    if (wait > 0) this.again(keyOf(job), wait);
    else await slowStart(missing, (index) => this.owned.create(job, jobPod(job, index)));
  }

  private deleteAll(job: Job, pods: readonly Pod[]): Promise<void> {
    return atOnce(pods, (pod) => this.owned.delete(job, pod));
  }

  /** Deletes pods that did nothing wrong: without their finalizer they are not counted as failed. */
  private async withdraw(job: Job, pods: readonly Pod[]): Promise<void> {
    await this.untrack(pods);
    await this.deleteAll(job, pods);
  }

  private async untrack(pods: readonly Pod[]): Promise<void> {
    await Promise.all(pods.map((pod) => this.owned.letGo(pod)));
  }

  /** The write fails when the Job changed meanwhile: pods are counted on the newest status only. */
  private async writeStatus(job: Job, status: JobStatus): Promise<void> {
    if (isDeepStrictEqual(status, job.status)) return;
    await this.context.client.updateStatus(jobKind, { ...job, status });
    this.tell(job, status);
  }

  private tell(job: Job, status: JobStatus): void {
    const became = (type: string): boolean =>
      isConditionTrue(status.conditions, type) && !isConditionTrue(job.status?.conditions, type);
    const say = (type: 'Normal' | 'Warning', reason: string, message: string): void =>
      this.events.event(job, { type, reason, message });
    if (became('Suspended')) say('Normal', 'Suspended', 'Job suspended');
    if (isConditionTrue(job.status?.conditions, 'Suspended') && job.spec.suspend !== true) {
      say('Normal', 'Resumed', 'Job resumed');
    }
    if (became('Complete')) say('Normal', 'Completed', 'Job completed');
    const failed = status.conditions?.find(({ type }) => type === 'Failed');
    if (became('Failed')) say('Warning', failed?.reason ?? '', failed?.message ?? '');
  }
}

function isCountedBy(pod: Pod, job: Job | undefined): boolean {
  if (job === undefined || isFinished(job)) return false;
  return job.metadata.deletionTimestamp === undefined && isControlledBy(pod, job);
}

interface Pods {
  readonly pods: readonly Pod[];
  readonly tally: Tally;
  /** True when the Job needs no more pods, for better or worse. */
  readonly isDecided: boolean;
}
