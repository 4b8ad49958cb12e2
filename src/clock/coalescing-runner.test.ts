import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CoalescingRunner, type CoalescingRunnerOptions } from './coalescing-runner.ts';
import { FakeClock } from './fake-clock.ts';

function setUp(options: Partial<CoalescingRunnerOptions> = {}) {
  const clock = new FakeClock(0);
  const runs: number[] = [];
  const errors: unknown[] = [];
  const runner = new CoalescingRunner({
    clock,
    run: () => {
      runs.push(clock.now());
    },
    onError: (error) => errors.push(error),
    ...options,
  });
  return { clock, runs, errors, runner };
}

test('a burst is one run, at once', async () => {
  const { clock, runs, runner } = setUp({ minIntervalMs: 100 });
  runner.request();
  runner.request();
  runner.request();
  await clock.advance(0);
  assert.deepEqual(runs, [0]);
});

test('runs keep the minimum interval', async () => {
  const { clock, runs, runner } = setUp({ minIntervalMs: 100 });
  runner.request();
  await clock.advance(30);
  runner.request();
  runner.request();
  await clock.advance(1000);
  assert.deepEqual(runs, [0, 100]);
});

test('a clock that is put back does not hold a run up', async () => {
  const clock = new FakeClock(1_000_000);
  let offset = 0;
  const starts: number[] = [];
  const runner = new CoalescingRunner({
    clock: {
      now: () => clock.now() + offset,
      setTimer: (delayMs, run) => clock.setTimer(delayMs, run),
    },
    minIntervalMs: 100,
    run: () => void starts.push(clock.now()),
    onError: (error) => assert.fail(String(error)),
  });
  runner.request();
  await clock.advance(0);
  offset = -3_600_000;
  runner.request();
  await clock.advance(100);
  assert.deepEqual(starts, [1_000_000, 1_000_100]);
});

test('the maximum interval runs unasked, counted from the last run', async () => {
  const { clock, runs, runner } = setUp({ maxIntervalMs: 1000 });
  await clock.advance(1500);
  runner.request();
  await clock.advance(1600);
  assert.deepEqual(runs, [1000, 1500, 2500]);
  runner.close();
  assert.equal(clock.pending, 0);
});

test('never runs twice at a time; a request during a run asks for one more', async () => {
  let finish = () => {};
  let running = 0;
  let started = 0;
  const { clock, runner } = setUp({
    run: async () => {
      running += 1;
      started += 1;
      assert.equal(running, 1);
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
      running -= 1;
    },
  });
  runner.request();
  await clock.advance(0);
  runner.request();
  runner.request();
  await clock.advance(10);
  assert.equal(started, 1);
  finish();
  await clock.advance(0);
  assert.equal(started, 2);
  finish();
  await clock.advance(0);
  assert.equal(started, 2);
});

test('a failure is reported and repeated with a back-off; settled waits for the success', async () => {
  let failures = 2;
  const times: number[] = [];
  const { clock, errors, runner } = setUp({
    retry: { baseMs: 10, capMs: 1000 },
    run: () => {
      times.push(clock.now());
      if (failures-- > 0) throw new Error('refused');
    },
  });
  let settled = false;
  const done = runner.settled().finally(() => {
    settled = true;
  });
  await clock.advance(29);
  assert.equal(settled, false);
  await clock.advance(1);
  await done;
  assert.deepEqual(times, [0, 10, 30]);
  assert.equal(errors.length, 2);
});

test('after close nothing runs and nobody waits', async () => {
  const { clock, runs, runner } = setUp();
  const done = runner.settled();
  runner.close();
  runner.request();
  await done;
  await runner.settled();
  await clock.advance(1000);
  assert.deepEqual(runs, []);
});
