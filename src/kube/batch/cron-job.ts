import { wideColumns } from '../apps/workload.ts';
import { ageColumn, column, nameColumn, none, orNone } from '../columns.ts';
import { checkNotNegative, checkOptionalEnum, checkPresent } from '../checks.ts';
import { fieldInvalid, type FieldError, type FieldPath } from '../field-error.ts';
import type { Column, KindDefinition } from '../kind.ts';
import type { KubeObject, ObjectMeta, ObjectReference } from '../meta.ts';
import { dns1123Subdomain, tooLong } from '../names.ts';
import { age } from '../time.ts';
import { defaultJobSpec, ignoredFields, validateJobSpec, type JobSpec } from './job.ts';
import { parseSchedule, ScheduleError } from './schedule/parse-schedule.ts';
import { isTimeZone } from './schedule/zone.ts';
import { withSpec } from '../with-spec.ts';

/** `batch/v1 CronJob`. */
export interface CronJob extends KubeObject {
  spec: {
    schedule: string;
    timeZone?: string;
    startingDeadlineSeconds?: number;
    concurrencyPolicy?: 'Allow' | 'Forbid' | 'Replace';
    suspend?: boolean;
    jobTemplate: { metadata?: Partial<ObjectMeta>; spec: JobSpec };
    successfulJobsHistoryLimit?: number;
    failedJobsHistoryLimit?: number;
  };
  status?: CronJobStatus;
}

export interface CronJobStatus {
  active?: ObjectReference[];
  lastScheduleTime?: string;
  lastSuccessfulTime?: string;
}

/** 63 less the 11 characters that the name of a Job adds. */
const longestName = 52;

function setDefaults({ spec }: CronJob): void {
  spec.concurrencyPolicy ??= 'Allow';
  spec.suspend ??= false;
  spec.successfulJobsHistoryLimit ??= 3;
  spec.failedJobsHistoryLimit ??= 1;
  if (spec.jobTemplate?.spec !== undefined) defaultJobSpec(spec.jobTemplate.spec);
}

function scheduleErrors(schedule: string, path: FieldPath): FieldError[] {
  if (schedule === undefined || schedule === '') return checkPresent(path, schedule);
  if (/^(CRON_)?TZ=/.test(schedule)) {
    const message = 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead';
    return [fieldInvalid(path, schedule, message)];
  }
  try {
    parseSchedule(schedule);
    return [];
  } catch (error) {
    if (!(error instanceof ScheduleError)) throw error;
    return [fieldInvalid(path, schedule, error.message)];
  }
}

function timeZoneErrors(timeZone: string | undefined, path: FieldPath): FieldError[] {
  if (timeZone === undefined) return [];
  if (timeZone === '')
    return [fieldInvalid(path, timeZone, 'timeZone must be nil or non-empty string')];
  if (timeZone.toLowerCase() === 'local') {
    const message =
      'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones';
    return [fieldInvalid(path, timeZone, message)];
  }
  return isTimeZone(timeZone)
    ? []
    : [fieldInvalid(path, timeZone, `unknown time zone ${timeZone}`)];
}

function validateSpec(spec: CronJob['spec'], path: FieldPath): FieldError[] {
  const counts = [
    'startingDeadlineSeconds',
    'successfulJobsHistoryLimit',
    'failedJobsHistoryLimit',
  ] as const;
  const template = path.child('jobTemplate', 'spec');
  return [
    ...scheduleErrors(spec.schedule, path.child('schedule')),
    ...timeZoneErrors(spec.timeZone, path.child('timeZone')),
    ...counts.flatMap((field) => checkNotNegative(path.child(field), spec[field])),
    ...checkOptionalEnum(path.child('concurrencyPolicy'), spec.concurrencyPolicy, [
      'Allow',
      'Forbid',
      'Replace',
    ]),
    ...(spec.jobTemplate?.spec === undefined
      ? checkPresent(template, undefined)
      : validateJobSpec(spec.jobTemplate.spec, template)),
  ];
}

/** A column of the template inside the template: a CronJob reads as the Jobs it starts. */
function ofJobTemplate(wide: (typeof wideColumns)[number]): Column<CronJob> {
  return {
    ...wide,
    cell: ({ spec, ...object }, now) => wide.cell({ ...object, spec: spec.jobTemplate.spec }, now),
  };
}

export const cronJobKind: KindDefinition<CronJob> = {
  group: 'batch',
  version: 'v1',
  kind: 'CronJob',
  plural: 'cronjobs',
  singular: 'cronjob',
  shortNames: ['cj'],
  categories: ['all'],
  namespaced: true,
  schema: 'io.k8s.api.batch.v1.CronJob',
  hasStatus: true,
  hasGeneration: true,
  columns: [
    nameColumn,
    column('Schedule', 'When it runs.', ({ spec }) => spec.schedule),
    column('Timezone', 'Where that is.', ({ spec }) => orNone(spec.timeZone)),
    column('Suspend', 'Whether it pauses.', ({ spec }) =>
      spec.suspend === true ? 'True' : 'False',
    ),
    column('Active', 'Jobs that run.', ({ status }) => (status?.active ?? []).length, {
      type: 'integer',
    }),
    column('Last Schedule', 'When it last started a Job.', ({ status }, now) =>
      status?.lastScheduleTime === undefined ? none : age(status.lastScheduleTime, now),
    ),
    ageColumn,
    ...wideColumns.map(ofJobTemplate),
  ],
  defaults: withSpec(setDefaults),
  prepareCreate: (job) => {
    job.status = {};
  },
  validateName: (name) => [
    ...dns1123Subdomain(name),
    ...(name.length > longestName ? [tooLong(longestName)] : []),
  ],
  validate: ({ spec }, path) => validateSpec(spec, path.child('spec')),
  warnings: ({ spec }) => ignoredFields(spec.jobTemplate.spec, 'spec.jobTemplate.spec'),
};
