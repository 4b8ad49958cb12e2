import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cells, defaulted, fieldErrors, objectOf, updateErrors } from '../testing/kind-checks.ts';
import { cronJobKind } from './cron-job.ts';
import { jobKind } from './job.ts';

const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'a', image: 'b' }] } };
const job = (parts: object = {}): object => ({ spec: { template, ...parts } });
const cron = (parts: object = {}): object => ({
  spec: { schedule: '*/5 * * * *', jobTemplate: { spec: { template } }, ...parts },
});

test('a Job gets the defaults of batch/v1', () => {
  const { spec } = defaulted(jobKind, job());
  assert.deepEqual(
    [spec.completions, spec.parallelism, spec.backoffLimit, spec.completionMode, spec.suspend],
    [1, 1, 6, 'NonIndexed', false],
  );
  assert.equal(defaulted(jobKind, job({ parallelism: 2 })).spec.completions, undefined);
});

test('the pods of a Job carry its uid and its selector finds them', () => {
  const object = objectOf(jobKind, { ...job(), metadata: { name: 'sums', uid: '42' } });
  jobKind.prepareCreate?.(object);
  assert.deepEqual(object.spec.selector, {
    matchLabels: { 'batch.kubernetes.io/controller-uid': '42' },
  });
  assert.deepEqual(object.spec.template.metadata?.labels, {
    'batch.kubernetes.io/controller-uid': '42',
    'batch.kubernetes.io/job-name': 'sums',
    'controller-uid': '42',
    'job-name': 'sums',
  });
});

test('a Job whose pods would never end is refused', () => {
  const endless = { spec: { containers: [{ name: 'a', image: 'b' }] } };
  assert.deepEqual(fieldErrors(jobKind, job({ template: endless })), [
    'spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"',
  ]);
});

test('the template of a Job is immutable', () => {
  const other = { spec: { ...template.spec, restartPolicy: 'OnFailure' } };
  const [error] = updateErrors(jobKind, job({ template: other }), job());
  assert.match(error ?? '', /^spec\.template: Invalid value: .*: field is immutable$/);
});

test('only an indexed Job whose pods all run side by side changes its completions', () => {
  const indexed = (count: number, parallelism = count): object =>
    job({ completionMode: 'Indexed', completions: count, parallelism });
  assert.deepEqual(updateErrors(jobKind, indexed(5), indexed(3)), []);
  for (const [next, previous] of [
    [indexed(5, 1), indexed(3, 1)],
    [job({ completions: 2 }), job({ completions: 1 })],
  ] as const) {
    const [error] = updateErrors(jobKind, next, previous);
    assert.match(error ?? '', /^spec\.completions: Invalid value: .*: field is immutable$/);
  }
});

test('an indexed Job says how many there are', () => {
  assert.deepEqual(fieldErrors(jobKind, job({ completionMode: 'Indexed', parallelism: 2 })), [
    'spec.completions: Required value: when completion mode is Indexed',
  ]);
});

test('what is not followed is told, in a Job and in the template of a CronJob', () => {
  const successPolicy = { rules: [{ succeededCount: 1 }] };
  assert.deepEqual(jobKind.warnings?.(objectOf(jobKind, job())), []);
  assert.deepEqual(jobKind.warnings?.(objectOf(jobKind, job({ successPolicy }))), [
    'spec.successPolicy is stored and has no effect yet',
  ]);
  const jobTemplate = { spec: { template, successPolicy } };
  assert.deepEqual(cronJobKind.warnings?.(objectOf(cronJobKind, cron({ jobTemplate }))), [
    'spec.jobTemplate.spec.successPolicy is stored and has no effect yet',
  ]);
});

test('the time zone of a CronJob is one of the tz database', () => {
  assert.deepEqual(fieldErrors(cronJobKind, cron({ timeZone: 'Europe/Vienna' })), []);
  const messages = {
    '': 'timeZone must be nil or non-empty string',
    Local: 'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones',
    'Middle/Earth': 'unknown time zone Middle/Earth',
  };
  for (const [timeZone, message] of Object.entries(messages)) {
    const error = `spec.timeZone: Invalid value: ${JSON.stringify(timeZone)}: ${message}`;
    assert.deepEqual(fieldErrors(cronJobKind, cron({ timeZone })), [error]);
  }
  assert.deepEqual(fieldErrors(cronJobKind, cron({ schedule: 'TZ=UTC 0 * * * *' })), [
    'spec.schedule: Invalid value: "TZ=UTC 0 * * * *": cannot use TZ or CRON_TZ in schedule, use timeZone field instead',
  ]);
});

const at = '2026-11-21T00:00:00Z';
const rows: readonly (readonly [status: object, cells: readonly string[]])[] = [
  [{}, ['Running', '0/1', '']],
  [
    {
      startTime: at,
      completionTime: '2026-11-21T00:00:09Z',
      succeeded: 1,
      conditions: [{ type: 'Complete', status: 'True' }],
    },
    ['Complete', '1/1', '9s'],
  ],
  [{ conditions: [{ type: 'Suspended', status: 'True' }] }, ['Suspended', '0/1', '']],
];

for (const [status, expected] of rows) {
  test(`a Job reads ${expected.join(' ')}`, () => {
    const row = cells(jobKind, { ...job(), status });
    assert.deepEqual([row['Status'], row['Completions'], row['Duration']], expected);
  });
}

test('a CronJob needs five fields or a shorthand, and a short name', () => {
  assert.deepEqual(fieldErrors(cronJobKind, cron()), []);
  assert.deepEqual(fieldErrors(cronJobKind, cron({ schedule: '@daily' })), []);
  assert.deepEqual(fieldErrors(cronJobKind, cron({ schedule: '* *' })), [
    'spec.schedule: Invalid value: "* *": expected exactly 5 fields, found 2: [* *]',
  ]);
  assert.deepEqual(cronJobKind.validateName?.('a'.repeat(53)), [
    'must be no more than 52 characters',
  ]);
});

test('a CronJob reads as kubectl users know it', () => {
  const row = cells(cronJobKind, cron());
  assert.deepEqual(
    [row['Schedule'], row['Timezone'], row['Suspend'], row['Active'], row['Last Schedule']],
    ['*/5 * * * *', '<none>', 'False', 0, '<none>'],
  );
  assert.deepEqual([row['Containers'], row['Images'], row['Selector']], ['a', 'b', '<none>']);
});
