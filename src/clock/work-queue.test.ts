import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from './fake-clock.ts';
import { WorkQueue, type WorkQueueOptions } from './work-queue.ts';

function setUp(options: Partial<WorkQueueOptions> = {}) {
  const clock = new FakeClock(0);
  const done: string[] = [];
  const errors: string[] = [];
  const queue = new WorkQueue({
    clock,
    process: (key) => {
      done.push(`${key}@${clock.now()}`);
      return Promise.resolve();
    },
    onError: (key) => errors.push(key),
    ...options,
  });
  return { clock, done, errors, queue };
}

test('a key that waits is handled once', async () => {
  const { clock, done, queue } = setUp();
  queue.add('a');
  queue.add('b');
  queue.add('a');
  await clock.advance(0);
  assert.deepEqual(done, ['a@0', 'b@0']);
});

test('a key added while in work is handled once more, not at the same time', async () => {
  const finish: (() => void)[] = [];
  const { clock, queue } = setUp({
    process: () =>
      new Promise<void>((resolve) => {
        finish.push(resolve);
      }),
  });
  queue.add('a');
  await clock.advance(0);
  queue.add('a');
  queue.add('a');
  await clock.advance(0);
  assert.equal(finish.length, 1);
  finish[0]?.();
  await clock.advance(0);
  await clock.advance(0);
  assert.equal(finish.length, 2);
});

test('no more keys than the concurrency are in work', async () => {
  const finish: (() => void)[] = [];
  const { clock, queue } = setUp({
    concurrency: 2,
    process: () =>
      new Promise<void>((resolve) => {
        finish.push(resolve);
      }),
  });
  for (const key of ['a', 'b', 'c']) queue.add(key);
  await clock.advance(0);
  assert.equal(finish.length, 2);
  finish[0]?.();
  await clock.advance(0);
  await clock.advance(0);
  assert.equal(finish.length, 3);
});

test('the earliest appointment of a key wins', async () => {
  const { clock, done, queue } = setUp();
  queue.addAfter('a', 100);
  queue.addAfter('a', 50);
  queue.addAfter('a', 200);
  await clock.advance(300);
  assert.deepEqual(done, ['a@50']);
});

test('a failing key backs off by itself, others go on, success resets it', async () => {
  const tries: number[] = [];
  let failures = 3;
  const { clock, errors, queue } = setUp({
    backoff: { baseMs: 10, capMs: 1000 },
    process: (key) => {
      if (key === 'good') return Promise.resolve();
      tries.push(clock.now());
      return failures-- > 0 ? Promise.reject(new Error('no')) : Promise.resolve();
    },
  });
  queue.add('bad');
  queue.add('good');
  await clock.advance(1000);
  assert.deepEqual(tries, [0, 10, 30, 70]);
  assert.deepEqual(errors, ['bad', 'bad', 'bad']);
});

test('close drops what waits and waits for what is in work', async () => {
  let finish = () => {};
  const { clock, queue } = setUp({
    concurrency: 1,
    process: () =>
      new Promise<void>((resolve) => {
        finish = resolve;
      }),
  });
  queue.add('a');
  queue.add('b');
  queue.addAfter('c', 10);
  await clock.advance(0);
  let closed = false;
  const closing = queue.close().finally(() => {
    closed = true;
  });
  await clock.advance(100);
  assert.equal(closed, false);
  finish();
  await closing;
  assert.equal(clock.pending, 0);
});
