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
