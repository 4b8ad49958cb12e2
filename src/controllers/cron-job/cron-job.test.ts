import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import {
  cronJobKind,
  jobKind,
  type CronJob,
  type CronJobStatus,
  type Job,
} from '../../kube/index.ts';
import { createControllerWorld, type ControllerWorld } from '../testing/context.ts';
import { startCronJobController } from './cron-job.ts';

let world: ControllerWorld;

beforeEach(async () => {
  world = createControllerWorld();
  // Times of the schedule are whole minutes of the clock.
  await world.clock.advance(60_000 - (world.clock.now() % 60_000));
});
afterEach(async () => {
  const { errors } = world;
  await world.close();
  assert.deepEqual(errors, []);
});

const ref = { name: 'tick', namespace: 'shop' };
const MINUTE = 60_000;

async function create(spec: Partial<CronJob['spec']> = {}): Promise<void> {
  const containers = [{ name: 'main', image: 'busybox' }];
  await world.client.create(cronJobKind, {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: ref,
    spec: {
      schedule: '* * * * *',
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 1,
      jobTemplate: {
        metadata: { labels: { of: 'tick' } },
        spec: { template: { spec: { restartPolicy: 'Never', containers } } },
      },
      ...spec,
    },
  });
  world.start(startCronJobController);
  await world.until('seen', () => world.informers.of(cronJobKind).list().length === 1);
}

async function status(): Promise<CronJobStatus> {
  return (await world.client.get(cronJobKind, ref)).status ?? {};
}

async function jobs(): Promise<Job[]> {
  const { items } = await world.client.list(jobKind);
  return items.sort((one, two) => (one.metadata.name < two.metadata.name ? -1 : 1));
}

async function untilJobs(count: number): Promise<Job[]> {
  await world.until(`${count} jobs`, async () => (await jobs()).length === count);
  return jobs();
}

async function untilActive(count: number): Promise<void> {
  await world.until(
    `${count} active`,
    async () => ((await status()).active ?? []).length === count,
  );
}

function now(): string {
  return `${new Date(world.clock.now()).toISOString().slice(0, 19)}Z`;
}

async function end(job: Job | undefined, type: 'Complete' | 'Failed'): Promise<void> {
  const conditions = [{ type, status: 'True' as const }];
  const times = type === 'Complete' ? { completionTime: now() } : {};
  const { name = '' } = job?.metadata ?? {};
  await world.client.patch(
    jobKind,
    { name, namespace: 'shop', subresource: 'status' },
    { type: 'merge', body: { status: { startTime: now(), conditions, ...times } } },
  );
}

describe('a CronJob', () => {
  test('starts a Job at each time, named after the minute, and keeps track of it', async () => {
    await create();
    assert.deepEqual(await jobs(), []);
    await world.clock.advance(MINUTE);
    const [job] = await untilJobs(1);
    assert.equal(job?.metadata.name, `tick-${world.clock.now() / MINUTE}`);
    assert.deepEqual(job?.metadata.labels, { of: 'tick' });
    assert.deepEqual(job?.metadata.annotations, {
      'batch.kubernetes.io/cronjob-scheduled-timestamp': now(),
    });
    await untilActive(1);
    const { active, lastScheduleTime } = await status();
    assert.deepEqual([active?.[0]?.name, lastScheduleTime], [job?.metadata.name, now()]);
    await end(job, 'Complete');
    await untilActive(0);
    assert.equal((await status()).lastSuccessfulTime, now());
    assert.deepEqual(await world.events(), [
      `SuccessfulCreate: Created job ${job?.metadata.name}`,
      `SawCompletedJob: Saw completed job: ${job?.metadata.name}, condition: Complete`,
    ]);
  });

  test('starts beside the one before under Allow', async () => {
    await create();
    for (const count of [1, 2]) {
      await world.clock.advance(MINUTE);
      await untilJobs(count);
    }
    await untilActive(2);
  });

  test('waits for the one before under Forbid', async () => {
    await create({ concurrencyPolicy: 'Forbid' });
    await world.clock.advance(MINUTE);
    const [job] = await untilJobs(1);
    await untilActive(1);
    await world.clock.advance(MINUTE);
    await world.until('told', async () =>
      (await world.events()).some((event) => event.startsWith('JobAlreadyActive: ')),
    );
    assert.equal((await jobs()).length, 1);
    await end(job, 'Complete');
    await untilJobs(2);
  });

  test('takes the place of the one before under Replace', async () => {
    await create({ concurrencyPolicy: 'Replace' });
    await world.clock.advance(MINUTE);
    const [first] = await untilJobs(1);
    await untilActive(1);
    await world.clock.advance(MINUTE);
    await world.until('another', async () => {
      const [job] = await jobs();
      return job !== undefined && job.metadata.name !== first?.metadata.name;
    });
    await untilActive(1);
    assert.equal((await jobs()).length, 1);
  });

  test('starts nothing while it is suspended', async () => {
    await create({ suspend: true });
    await world.clock.advance(5 * MINUTE);
    assert.deepEqual(await jobs(), []);
  });

  test('keeps as many ended Jobs as its limits say', async () => {
    await create({ successfulJobsHistoryLimit: 2, failedJobsHistoryLimit: 1 });
    for (const type of ['Complete', 'Failed', 'Complete', 'Failed', 'Complete'] as const) {
      await world.clock.advance(MINUTE);
      await world.until('started', async () => ((await status()).active ?? []).length === 1);
      const running = (await jobs()).find(({ status }) => status?.conditions === undefined);
      await end(running, type);
      await untilActive(0);
    }
    const left = await untilJobs(3);
    assert.deepEqual(
      left.map(({ status }) => status?.conditions?.[0]?.type),
      ['Complete', 'Failed', 'Complete'],
    );
  });

  test('notes that an active Job went missing', async () => {
    await create();
    await world.clock.advance(MINUTE);
    const [job] = await untilJobs(1);
    await untilActive(1);
    await world.client.delete(jobKind, { name: job?.metadata.name ?? '', namespace: 'shop' });
    await untilActive(0);
    assert.match((await world.events()).join('\n'), /^MissingJob: Active job went missing: tick-/m);
  });
});

describe('times that were missed', () => {
  async function createLongAgo(spec: Partial<CronJob['spec']>): Promise<void> {
    const lastScheduleTime = now();
    await create({ suspend: true, ...spec });
    const body = { status: { lastScheduleTime } };
    const at = { ...ref, subresource: 'status' } as const;
    await world.client.patch(cronJobKind, at, { type: 'merge', body });
    await world.clock.advance(200 * MINUTE + 30_000);
    await world.client.patch(cronJobKind, ref, {
      type: 'merge',
      body: { spec: { suspend: false } },
    });
  }

  test('are made up for once, by the newest', async () => {
    await createLongAgo({});
    const [job] = await untilJobs(1);
    assert.equal(job?.metadata.name, `tick-${Math.floor(world.clock.now() / MINUTE)}`);
    assert.match((await world.events()).join('\n'), /^TooManyMissedTimes: /m);
  });

  test('are not made up for after startingDeadlineSeconds', async () => {
    await createLongAgo({ startingDeadlineSeconds: 10 });
    await world.clock.advance(1);
    assert.deepEqual(await jobs(), []);
    await world.clock.advance(30_000);
    await untilJobs(1);
  });
});
