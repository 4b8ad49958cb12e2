import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { conditionOf, podKind } from '../../kube/index.ts';
import { TRACKING } from './job-pod.ts';
import { JobWorld } from './testing/job-world.ts';

let jobs: JobWorld;

beforeEach(() => {
  jobs = new JobWorld();
});
afterEach(async () => {
  const { errors } = jobs.world;
  await jobs.world.close();
  assert.deepEqual(errors, []);
});

describe('a Job that succeeds', () => {
  test('is complete when its pod is, with both conditions, times and Events', async () => {
    await jobs.create();
    const [pod] = await jobs.untilWorking(1);
    assert.match(pod?.metadata.name ?? '', /^sums-[a-z0-9]{5}$/);
    assert.deepEqual(pod?.metadata.finalizers, [TRACKING]);
    await jobs.world.until('active', async () => (await jobs.status()).active === 1);
    await jobs.world.clock.advance(2000);
    await jobs.end(pod, 'Succeeded');
    const status = await jobs.untilCondition('Complete');
    assert.deepEqual(
      status.conditions?.map(({ type, reason }) => `${type} ${reason}`),
      ['SuccessCriteriaMet CompletionsReached', 'Complete CompletionsReached'],
    );
    assert.deepEqual(
      [status.succeeded, status.active, status.failed, status.ready, status.terminating],
      [1, undefined, undefined, 0, 0],
    );
    assert.deepEqual(status.uncountedTerminatedPods, {});
    const took = Date.parse(status.completionTime ?? '') - Date.parse(status.startTime ?? '');
    assert.equal(took, 2000);
    assert.equal((await jobs.pods())[0]?.metadata.finalizers, undefined);
    assert.deepEqual(await jobs.world.events(), [
      `SuccessfulCreate: Created pod: ${pod?.metadata.name}`,
      'Completed: Job completed',
    ]);
  });

  test('has no more pods at work than parallelism, and none too many in the end', async () => {
    await jobs.create({ parallelism: 2, completions: 5 });
    for (const count of [2, 2, 1]) {
      await jobs.untilWorking(count);
      await jobs.endAll('Succeeded');
    }
    assert.equal((await jobs.untilCondition('Complete')).succeeded, 5);
    assert.equal((await jobs.pods()).length, 5);
  });

  test('counts a pod that is deleted as soon as it has ended', async () => {
    await jobs.create({ completions: 2 });
    const [pod] = await jobs.untilWorking(1);
    await jobs.end(pod, 'Succeeded');
    const name = pod?.metadata.name ?? '';
    await jobs.world.client.delete(podKind, { name, namespace: 'shop' });
    await jobs.world.until('counted', async () => (await jobs.status()).succeeded === 1);
    await jobs.untilWorking(1);
  });

  test('as a work queue ends when one worker succeeded and the others are done', async () => {
    await jobs.create({ parallelism: 3, completions: undefined });
    const [first, second, third] = await jobs.untilWorking(3);
    await jobs.end(first, 'Succeeded');
    await jobs.world.until('counted', async () => (await jobs.status()).succeeded === 1);
    assert.equal((await jobs.working()).length, 2);
    await jobs.end(second, 'Succeeded');
    await jobs.end(third, 'Succeeded');
    assert.equal((await jobs.untilCondition('Complete')).succeeded, 3);
  });

  test('with nothing to complete is complete at once', async () => {
    await jobs.create({ completions: 0 });
    await jobs.untilCondition('Complete');
    assert.deepEqual(await jobs.pods(), []);
  });
});

describe('a Job whose pods fail', () => {
  test('tries again after 10 s, 20 s, 40 s', async () => {
    await jobs.create();
    for (const delay of [10_000, 20_000, 40_000]) {
      await jobs.untilWorking(1);
      await jobs.endAll('Failed');
      await jobs.world.until(
        'counted',
        async () => (await jobs.status()).uncountedTerminatedPods?.failed === undefined,
      );
      await jobs.world.clock.advance(delay - 1);
      assert.deepEqual(await jobs.working(), []);
      await jobs.world.clock.advance(1);
    }
    await jobs.untilWorking(1);
  });

  test('is failed when more have failed than backoffLimit', async () => {
    await jobs.create({ backoffLimit: 0, parallelism: 2, completions: 2 });
    const [first] = await jobs.untilWorking(2);
    await jobs.end(first, 'Failed');
    const status = await jobs.untilCondition('Failed');
    assert.deepEqual(
      status.conditions?.map(({ type, reason, message }) => `${type} ${reason}: ${message}`),
      ['FailureTarget', 'Failed'].map(
        (type) => `${type} BackoffLimitExceeded: Job has reached the specified backoff limit`,
      ),
    );
    assert.deepEqual([status.failed, status.completionTime], [2, undefined]);
    const events = await jobs.world.events();
    assert.equal(
      events.at(-1),
      'BackoffLimitExceeded: Job has reached the specified backoff limit',
    );
  });

  test('counts restarts where containers restart in place', async () => {
    const spec = (await jobs.create({ suspend: true })).spec.template.spec;
    await jobs.delete();
    await jobs.create({ backoffLimit: 2, template: withPolicy(spec) });
    const [pod] = await jobs.untilWorking(1);
    const main = { name: 'main', ready: false, restartCount: 2, image: '', imageID: '' };
    await jobs.world.client.patch(
      podKind,
      { name: pod?.metadata.name ?? '', namespace: 'shop', subresource: 'status' },
      { type: 'merge', body: { status: { phase: 'Running', containerStatuses: [main] } } },
    );
    const status = await jobs.untilCondition('Failed');
    assert.equal(conditionOf(status.conditions, 'Failed')?.reason, 'BackoffLimitExceeded');
  });

  test('is failed when it takes too long, and its pods are deleted', async () => {
    await jobs.create({ activeDeadlineSeconds: 30 });
    await jobs.untilWorking(1);
    await jobs.world.until('begun', async () => (await jobs.status()).startTime !== undefined);
    await jobs.world.clock.advance(30_000);
    const status = await jobs.untilCondition('Failed');
    assert.equal(conditionOf(status.conditions, 'Failed')?.reason, 'DeadlineExceeded');
    await jobs.world.until('no pods', async () => (await jobs.pods()).length === 0);
  });
});

function withPolicy(spec: object) {
  return {
    metadata: { labels: { 'batch.kubernetes.io/job-name': 'sums' } },
    spec: { ...spec, restartPolicy: 'OnFailure' as const, containers: [{ name: 'main' }] },
  };
}

describe('an indexed Job', () => {
  const indexed = { completionMode: 'Indexed', completions: 4, parallelism: 2 } as const;

  test('gives each pod the first index that is not done', async () => {
    await jobs.create(indexed);
    const pods = await jobs.untilWorking(2);
    assert.deepEqual(await jobs.indexes(), [0, 1]);
    const second = pods.find(({ spec }) => spec.hostname === 'sums-1');
    assert.match(second?.metadata.name ?? '', /^sums-1-/);
    assert.equal(second?.metadata.labels?.['batch.kubernetes.io/job-completion-index'], '1');
    assert.equal(second?.spec.containers[0]?.env?.[0]?.name, 'JOB_COMPLETION_INDEX');
    await jobs.end(second, 'Succeeded');
    await jobs.world.until('2 follows', async () => (await jobs.indexes()).join() === '0,2');
    assert.equal((await jobs.status()).completedIndexes, '1');
    await jobs.endAll('Succeeded');
    await jobs.untilWorking(1);
    await jobs.endAll('Succeeded');
    const status = await jobs.untilCondition('Complete');
    assert.deepEqual([status.completedIndexes, status.succeeded], ['0-3', 4]);
  });

  test('repeats the index of a failed pod', async () => {
    await jobs.create(indexed);
    const pods = await jobs.untilWorking(2);
    await jobs.end(
      pods.find(({ spec }) => spec.hostname === 'sums-0'),
      'Failed',
    );
    await jobs.world.until('counted', async () => (await jobs.status()).failed === 1);
    await jobs.world.clock.advance(10_000);
    await jobs.untilWorking(2);
    assert.deepEqual(await jobs.indexes(), [0, 1]);
  });

  test('shrinks and grows with completions', async () => {
    await jobs.create({ ...indexed, parallelism: 4 });
    await jobs.untilWorking(4);
    await jobs.change({ completions: 2, parallelism: 2 });
    await jobs.untilWorking(2);
    assert.deepEqual(await jobs.indexes(), [0, 1]);
    assert.equal((await jobs.status()).failed, undefined);
  });
});

describe('a suspended Job', () => {
  test('has no pods; they come when it is resumed, with a new start time', async () => {
    await jobs.create({ suspend: true });
    await jobs.untilCondition('Suspended');
    assert.deepEqual(await jobs.pods(), []);
    await jobs.world.clock.advance(5000);
    await jobs.change({ suspend: false });
    await jobs.untilWorking(1);
    const status = await jobs.untilCondition('Suspended', 'False');
    assert.equal(Date.parse(status.startTime ?? ''), jobs.world.clock.now());
    const events = await jobs.world.events();
    assert.deepEqual(
      events.filter((event) => !event.startsWith('SuccessfulCreate')),
      ['Suspended: Job suspended', 'Resumed: Job resumed'],
    );
  });

  test('gives its pods back, and they do not count as failed', async () => {
    await jobs.create({ parallelism: 2, completions: 2 });
    await jobs.untilWorking(2);
    await jobs.change({ suspend: true });
    await jobs.world.until('no pods', async () => (await jobs.pods()).length === 0);
    assert.equal((await jobs.untilCondition('Suspended')).failed, undefined);
  });
});

describe('the end of a Job', () => {
  test('comes ttlSecondsAfterFinished later', async () => {
    await jobs.create({ ttlSecondsAfterFinished: 60 });
    await jobs.untilWorking(1);
    await jobs.endAll('Succeeded');
    await jobs.untilCondition('Complete');
    await jobs.world.clock.advance(59_999);
    assert.equal((await jobs.job()).metadata.deletionTimestamp, undefined);
    await jobs.world.clock.advance(1);
    await jobs.world.until(
      'deleted',
      async () => (await jobs.job()).metadata.deletionTimestamp !== undefined,
    );
  });

  test('lets its pods go', async () => {
    await jobs.create();
    const [pod] = await jobs.untilWorking(1);
    await jobs.delete();
    await jobs.world.until(
      'untracked',
      async () => (await jobs.pods())[0]?.metadata.finalizers === undefined,
    );
    assert.equal((await jobs.pods())[0]?.metadata.name, pod?.metadata.name);
  });
});

test('adopts a pod that it selects', async () => {
  await jobs.world.client.create(podKind, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'by-hand',
      namespace: 'shop',
      labels: { 'batch.kubernetes.io/job-name': 'sums' },
    },
    spec: { containers: [{ name: 'main' }] },
  });
  await jobs.create();
  await jobs.world.until('adopted', async () => (await jobs.status()).active === 1);
  const [pod, ...others] = await jobs.pods();
  assert.deepEqual(others, []);
  assert.deepEqual(pod?.metadata.finalizers, [TRACKING]);
});
