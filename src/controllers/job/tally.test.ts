import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Job, JobSpec, JobStatus, Pod, PodPhase } from '../../kube/index.ts';
import { TRACKING } from './job-pod.ts';
import { failedOf, succeededOf, tallyOf } from './tally.ts';

function job(status: JobStatus, spec: Partial<JobSpec> = {}): Job {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'sums' },
    spec: { template: { spec: { containers: [] } }, ...spec },
    status,
  };
}

function pod(uid: string, phase: PodPhase, { isTracked = true, isDeleted = false } = {}): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: uid,
      uid,
      ...(isTracked ? { finalizers: [TRACKING] } : {}),
      ...(isDeleted ? { deletionTimestamp: '2026-11-21T00:00:00Z' } : {}),
    },
    spec: { containers: [] },
    status: { phase },
  };
}

test('an ended pod is uncounted first, and counted when its finalizer is off', () => {
  const first = tallyOf(job({ succeeded: 1 }), [pod('a', 'Succeeded')], false);
  assert.deepEqual(first.counted, { succeeded: 1, failed: 0 });
  assert.deepEqual(first.uncounted, { succeeded: ['a'], failed: [] });
  assert.equal(succeededOf(first), 2);
  const noted = job({ succeeded: 1, uncountedTerminatedPods: { succeeded: ['a'] } });
  // The daemon died before the finalizer was taken off: nothing is counted twice.
  const again = tallyOf(noted, [pod('a', 'Succeeded')], false);
  assert.deepEqual(again.uncounted.succeeded, ['a']);
  assert.equal(again.released.length, 1);
  for (const pods of [[pod('a', 'Succeeded', { isTracked: false })], []]) {
    const last = tallyOf(noted, pods, false);
    assert.deepEqual(last.counted.succeeded, 2);
    assert.deepEqual(last.uncounted.succeeded, []);
  }
});

test('a pod on its way out has failed, unless its replacement waits for its end', () => {
  const leaving = [pod('a', 'Running', { isDeleted: true })];
  assert.equal(failedOf(tallyOf(job({}), leaving, false)), 1);
  const waiting = job({}, { podReplacementPolicy: 'Failed' });
  assert.equal(failedOf(tallyOf(waiting, leaving, false)), 0);
});

test('when the Job has failed, what still runs has, too', () => {
  const pods = [pod('a', 'Running'), pod('b', 'Succeeded')];
  const tally = tallyOf(job({}), pods, true);
  assert.deepEqual([failedOf(tally), succeededOf(tally)], [1, 1]);
});
