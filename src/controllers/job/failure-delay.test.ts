import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod, PodPhase } from '../../kube/index.ts';
import { nextAttemptAt } from './failure-delay.ts';

/** A pod that ended so many seconds after the epoch. */
function ended(phase: PodPhase, second: number): Pod {
  const finishedAt = new Date(second * 1000).toISOString();
  const state = { terminated: { exitCode: 1, finishedAt } };
  const main = { name: 'main', ready: false, restartCount: 0, image: '', imageID: '', state };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `pod-${second}` },
    spec: { containers: [{ name: 'main' }] },
    status: { phase, containerStatuses: [main] },
  };
}

const failures = (count: number): Pod[] =>
  Array.from({ length: count }, (_, at) => ended('Failed', at + 1));

test('nothing failed: at once', () => {
  assert.equal(nextAttemptAt([]), 0);
  assert.equal(nextAttemptAt([ended('Succeeded', 5)]), 0);
});

test('the delay doubles from the last failure on, up to ten minutes', () => {
  const delays = [1, 2, 3, 6, 7, 20].map((count) => nextAttemptAt(failures(count)) / 1000 - count);
  assert.deepEqual(delays, [10, 20, 40, 320, 600, 600]);
});

test('a success forgives what was before', () => {
  assert.equal(nextAttemptAt([...failures(3), ended('Succeeded', 4)]), 0);
  const again = nextAttemptAt([...failures(3), ended('Succeeded', 4), ended('Failed', 5)]);
  assert.equal(again, 15_000);
});
