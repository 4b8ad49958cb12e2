/** The times of a CronJob: fixed distances, or all minutes that match five fields. */
export type Schedule =
  | { readonly kind: 'every'; readonly milliseconds: number }
  | { readonly kind: 'fields'; readonly fields: ScheduleFields };

export interface ScheduleFields {
  readonly minutes: ReadonlySet<number>;
  readonly hours: ReadonlySet<number>;
  readonly days: ReadonlySet<number>;
  /** 1 is January. */
  readonly months: ReadonlySet<number>;
  /** 0 is Sunday. */
  readonly weekdays: ReadonlySet<number>;
  /** When both day fields are restricted, either may match (crontab(5)); else both must. */
  readonly isEitherDay: boolean;
}

/** Says what is wrong with a schedule, in the words of Kubernetes' parser. */
export class ScheduleError extends Error {}

interface Bounds {
  readonly least: number;
  readonly most: number;
  readonly names?: readonly string[];
}

const monthNames = [
  'jan',
  'feb',
  'mar',
  'apr',
  'may',
  'jun',
  'jul',
  'aug',
  'sep',
  'oct',
  'nov',
  'dec',
];
const weekdayNames = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

const bounds = {
  minutes: { least: 0, most: 59 },
  hours: { least: 0, most: 23 },
  days: { least: 1, most: 31 },
  months: { least: 1, most: 12, names: monthNames },
  weekdays: { least: 0, most: 6, names: weekdayNames },
} as const satisfies Record<string, Bounds>;

const shorthands: ReadonlyMap<string, string> = new Map([
  ['@yearly', '0 0 1 1 *'],
  ['@annually', '0 0 1 1 *'],
  ['@monthly', '0 0 1 * *'],
  ['@weekly', '0 0 * * 0'],
  ['@daily', '0 0 * * *'],
  ['@midnight', '0 0 * * *'],
  ['@hourly', '0 * * * *'],
]);

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** `@every 1h30m`: Go's durations, in whole seconds, at least one. */
function parseEvery(text: string): Schedule {
  const duration = text.slice('@every '.length).trim();
  if (!/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(duration)) {
    throw new ScheduleError(
      `failed to parse duration ${text}: time: invalid duration ${JSON.stringify(duration)}`,
    );
  }
  const parts = [...duration.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
  const total = parts.reduce(
    (sum, [, n = '', unit = '']) => sum + Number(n) * (unitMs[unit] ?? 0),
    0,
  );
  return { kind: 'every', milliseconds: Math.max(1, Math.floor(total / 1000)) * 1000 };
}

function parseNumber(text: string, { least, names = [] }: Bounds): number {
  const named = names.indexOf(text.toLowerCase());
  if (named !== -1) return named + least;
  if (/^\d+$/.test(text)) return Number(text);
  throw new ScheduleError(
    `failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`,
  );
}

function isStar(text: string): boolean {
  return text === '*' || text === '?';
}

/** One range, such as `1-5`, `*` followed by `/10`, or `7`. */
function parseRange(text: string, limits: Bounds): number[] {
  const [range = '', stepText, ...moreSteps] = text.split('/');
  const [first = '', last, ...moreEnds] = range.split('-');
  if (moreSteps.length > 0) throw new ScheduleError(`too many slashes: ${text}`);
  if (moreEnds.length > 0) throw new ScheduleError(`too many hyphens: ${text}`);
  const step = stepText === undefined ? 1 : parseNumber(stepText, { least: 0, most: Infinity });
  const start = isStar(first) ? limits.least : parseNumber(first, limits);
  // With a step a single number is where it begins.
  const open = isStar(first) || (last === undefined && stepText !== undefined);
  const end = open ? limits.most : last === undefined ? start : parseNumber(last, limits);
  checkRange(text, { start, end, step }, limits);
  return Array.from({ length: Math.floor((end - start) / step) + 1 }, (_, at) => start + at * step);
}

function checkRange(
  text: string,
  { start, end, step }: { start: number; end: number; step: number },
  { least, most }: Bounds,
): void {
  if (start < least) {
    throw new ScheduleError(`beginning of range (${start}) below minimum (${least}): ${text}`);
  }
  if (end > most) throw new ScheduleError(`end of range (${end}) above maximum (${most}): ${text}`);
  if (start > end) {
    throw new ScheduleError(`beginning of range (${start}) beyond end of range (${end}): ${text}`);
  }
  if (step === 0) throw new ScheduleError(`step of range should be a positive number: ${text}`);
}

function parseField(text: string, limits: Bounds): Set<number> {
  const ranges = text.split(',').filter((range) => range !== '');
  return new Set(ranges.flatMap((range) => parseRange(range, limits)));
}

function isOpen(text: string): boolean {
  return text.split(',').some((range) => isStar(range) || /^[*?]\/1$/.test(range));
}

function parseFields(text: string): ScheduleFields {
  const parts = text.split(/\s+/).filter((part) => part !== '');
  const [minutes = '', hours = '', days = '', months = '', weekdays = ''] = parts;
  if (parts.length !== 5) {
    throw new ScheduleError(
      `expected exactly 5 fields, found ${parts.length}: [${parts.join(' ')}]`,
    );
  }
  return {
    minutes: parseField(minutes, bounds.minutes),
    hours: parseField(hours, bounds.hours),
    days: parseField(days, bounds.days),
    months: parseField(months, bounds.months),
    weekdays: parseField(weekdays, bounds.weekdays),
    isEitherDay: !isOpen(days) && !isOpen(weekdays),
  };
}

/**
 * Reads `spec.schedule`: five fields, a shorthand such as `@hourly`, or `@every 90s`.
 * @throws ScheduleError
 */
export function parseSchedule(text: string): Schedule {
  if (text.startsWith('@every ')) return parseEvery(text);
  const long = shorthands.get(text);
  if (text.startsWith('@') && long === undefined) {
    throw new ScheduleError(`unrecognized descriptor: ${text}`);
  }
  return { kind: 'fields', fields: parseFields(long ?? text) };
}
