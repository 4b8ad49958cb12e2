import { lastTime, nextTime, parseSchedule, type CronJob } from '../../kube/index.ts';

/** More missed times than this are told: it is a long outage, or a clock that jumped. */
const MANY = 100;

/** What a schedule says at a moment; all times are milliseconds since the epoch. */
export interface Due {
  /** The newest time that has come and for which nothing was started. */
  readonly scheduled: number | undefined;
  /** True when `startingDeadlineSeconds` forbids to make up for it. */
  readonly isTooLate: boolean;
  readonly hasMissedMany: boolean;
  /** When to look again; undefined for never. */
  readonly next: number | undefined;
}

/** The zone in which a schedule without `timeZone` is read: that of most clusters' control planes. */
function zoneOf({ spec }: CronJob): string {
  return spec.timeZone ?? 'UTC';
}

/** What is due, judged from the last start, or else from the creation. */
export function dueOf(job: CronJob, now: number): Due {
  const { schedule: text, startingDeadlineSeconds } = job.spec;
  const schedule = parseSchedule(text);
  const timeZone = zoneOf(job);
  const deadlineMs = (startingDeadlineSeconds ?? Infinity) * 1000;
  const since = Date.parse(job.status?.lastScheduleTime ?? job.metadata.creationTimestamp ?? '');
  const earliest = Math.max(since, now - deadlineMs);
  const scheduled = lastTime(schedule, { earliest, now, timeZone });
  const from = schedule.kind === 'every' ? (scheduled ?? since) : now;
  let missed = 0;
  for (
    let time = nextTime(schedule, earliest, timeZone);
    missed <= MANY && time !== undefined && time <= now;
    time = nextTime(schedule, time, timeZone)
  ) {
    missed += 1;
  }
  return {
    scheduled,
    isTooLate: scheduled !== undefined && scheduled + deadlineMs < now,
    hasMissedMany: missed > MANY && startingDeadlineSeconds === undefined,
    next: nextTime(schedule, from, timeZone),
  };
}

/** RFC 3339 in the schedule's zone would need its offset; UTC says the same instant. */
export function timeText(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`;
}
