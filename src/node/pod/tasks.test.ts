import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../clock/index.ts';
import { abortable, Aborted } from './abortable.ts';
import { Tasks } from './tasks.ts';

test('settled waits for all, or for its limit, and leaves no timer', async () => {
  const clock = new FakeClock();
  const tasks = new Tasks(clock);
  const { promise, resolve } = Promise.withResolvers<void>();
  let isDone = false;
  tasks.add(promise, () => {
    isDone = true;
  });
  const limited = tasks.settled(100);
  await clock.advance(100);
  await limited;
  assert.equal(isDone, false);
  const all = tasks.settled(1000);
  resolve();
  await all;
  await tasks.settled();
  assert.deepEqual([isDone, clock.pending], [true, 0]);
});

test('a failure is thrown once, an abortion never', async () => {
  const tasks = new Tasks(new FakeClock());
  tasks.add(Promise.reject(new Aborted('over')), () => {});
  await tasks.settled();
  tasks.throwFailure();
  tasks.add(Promise.reject(new Error('broken')), () => {});
  await tasks.settled();
  assert.throws(() => tasks.throwFailure(), /broken/);
  tasks.throwFailure();
});

test('abortable fails with the reason of its signal, before and during the work', async () => {
  const ending = new AbortController();
  assert.equal(await abortable(Promise.resolve(1), ending.signal), 1);
  const never = new Promise<void>(() => {});
  const waiting = abortable(never, ending.signal);
  ending.abort(new Aborted('over'));
  await assert.rejects(waiting, Aborted);
  await assert.rejects(abortable(never, ending.signal), Aborted);
});
