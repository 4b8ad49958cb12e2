import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Backoff } from './backoff.ts';
import { FakeClock } from './fake-clock.ts';

test('delays grow by the factor up to the cap', () => {
  const backoff = new Backoff({ baseMs: 10, factor: 3, capMs: 100 }, { clock: new FakeClock() });
  assert.deepEqual(
    [backoff.next(), backoff.next(), backoff.next(), backoff.next()],
    [10, 30, 90, 100],
  );
  assert.equal(backoff.attempts, 4);
});

test('a success starts at the base again', () => {
  const backoff = new Backoff({ baseMs: 10, capMs: 100 }, { clock: new FakeClock() });
  backoff.next();
  backoff.next();
  backoff.reset();
  assert.equal(backoff.next(), 10);
});

test('jitter adds a share of the delay, from the injected source of chance', () => {
  const backoff = new Backoff(
    { baseMs: 100, capMs: 1000, jitter: 0.5 },
    { clock: new FakeClock(), random: () => 0.5 },
  );
  assert.equal(backoff.next(), 125);
});

test('a quiet period starts at the base again', async () => {
  const clock = new FakeClock();
  const backoff = new Backoff({ baseMs: 10, capMs: 1000, resetAfterMs: 60_000 }, { clock });
  backoff.next();
  await clock.advance(59_999);
  assert.equal(backoff.next(), 20);
  await clock.advance(60_000);
  assert.equal(backoff.next(), 10);
});
