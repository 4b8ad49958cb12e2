import type { Schedule, ScheduleFields } from './parse-schedule.ts';
import { offsetsAround, wallClock } from './zone.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** 29 February comes again after eight years at most; what does not by then never will. */
const HORIZON_DAYS = 9 * 366;

function isDay(fields: ScheduleFields, wall: number): boolean {
  const date = new Date(wall);
  if (!fields.months.has(date.getUTCMonth() + 1)) return false;
  const isDayOfMonth = fields.days.has(date.getUTCDate());
  const isWeekday = fields.weekdays.has(date.getUTCDay());
  return fields.isEitherDay ? isDayOfMonth || isWeekday : isDayOfMonth && isWeekday;
}

function* minutesOf({ hours, minutes }: ScheduleFields, midnight: number): Generator<number> {
  for (let hour = 0; hour < 24; hour += 1) {
    for (let minute = 0; hours.has(hour) && minute < 60; minute += 1) {
      if (minutes.has(minute)) yield midnight + hour * HOUR + minute * MINUTE;
    }
  }
}

/** The first instant after `after` on the day that begins at `midnight` on the wall. */
function nextOfDay(
  fields: ScheduleFields,
  midnight: number,
  { after, timeZone }: { readonly after: number; readonly timeZone: string },
): number | undefined {
  const firsts = offsetsAround(midnight, timeZone).flatMap((offset) => {
    const instants = minutesOf(fields, midnight).map((wall) => wall - offset);
    const isShown = (instant: number): boolean => wallClock(instant, timeZone) === instant + offset;
    return instants.find((instant) => instant > after && isShown(instant)) ?? [];
  });
  return firsts.length === 0 ? undefined : Math.min(...firsts);
}

/**
 * The first time of the schedule after an instant, both in milliseconds since the epoch; undefined when there is none
 * (30 February). Times that a change of the clocks skips do not happen.
 */
export function nextTime(
  schedule: Schedule,
  after: number,
  timeZone: string = 'UTC',
): number | undefined {
  if (schedule.kind === 'every') return after + schedule.milliseconds;
  const wall = wallClock(after, timeZone);
  const today = wall - (((wall % DAY) + DAY) % DAY);
  // From yesterday on: a clock that was put back shows the end of a day twice.
  for (let day = -1; day < HORIZON_DAYS; day += 1) {
    const midnight = today + day * DAY;
    if (!isDay(schedule.fields, midnight)) continue;
    const found = nextOfDay(schedule.fields, midnight, { after, timeZone });
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The last time of the schedule that is after `earliest` and not after `now`. */
export function lastTime(
  schedule: Schedule,
  { earliest, now, timeZone = 'UTC' }: { earliest: number; now: number; timeZone?: string },
): number | undefined {
  if (schedule.kind === 'every') {
    const count = Math.floor((now - earliest) / schedule.milliseconds);
    return count < 1 ? undefined : earliest + count * schedule.milliseconds;
  }
  // Looks back ever farther, so that a year of missed minutes costs no more than a missed year.
  for (let span = 2 * MINUTE; ; span *= 2) {
    const from = Math.max(earliest, now - span);
    let last: number | undefined;
    for (
      let time = nextTime(schedule, from, timeZone);
      time !== undefined && time <= now;
      time = nextTime(schedule, time, timeZone)
    ) {
      last = time;
    }
    if (last !== undefined || from === earliest) return last;
  }
}
