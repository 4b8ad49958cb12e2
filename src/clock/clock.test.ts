import assert from 'node:assert/strict';
import { test } from 'node:test';
import { microTimestamp, systemClock, timestamp } from './clock.ts';
import { FakeClock } from './fake-clock.ts';

test('the system clock runs a timer later and forgets a cancelled one', async () => {
  let cancelledRan = false;
  const cancel = systemClock.setTimer(0, () => {
    cancelledRan = true;
  });
  cancel();
  let synchronous = true;
  await new Promise<void>((resolve) => {
    systemClock.setTimer(0, () => {
      assert.equal(synchronous, false);
      resolve();
    });
    synchronous = false;
  });
  assert.equal(cancelledRan, false);
});

test('a delay beyond what timers can hold does not fire at once', async () => {
  let ran = false;
  const cancel = systemClock.setTimer(2 ** 40, () => {
    ran = true;
  });
  await new Promise<void>((resolve) => {
    systemClock.setTimer(5, resolve);
  });
  cancel();
  assert.equal(ran, false);
});

test('a delay beyond what timers can hold is waited for whole', (context) => {
  const { timers } = context.mock;
  timers.enable({ apis: ['setTimeout'] });
  const ran: string[] = [];
  systemClock.setTimer(2 ** 32, () => ran.push('late'));
  const cancel = systemClock.setTimer(2 ** 32, () => ran.push('cancelled'));
  timers.tick(2 ** 31 - 1);
  cancel();
  timers.tick(2 ** 31 - 1);
  assert.deepEqual(ran, []);
  timers.tick(2);
  assert.deepEqual(ran, ['late']);
});

test('timestamps have the precision of meta/v1', () => {
  const clock = new FakeClock(Date.UTC(2026, 10, 21, 1, 44, 40, 123));
  assert.equal(timestamp(clock), '2026-11-21T01:44:40Z');
  assert.equal(microTimestamp(clock), '2026-11-21T01:44:40.123000Z');
});

test('the fake clock runs timers in order of time, those set by timers included', async () => {
  const clock = new FakeClock(0);
  const seen: string[] = [];
  clock.setTimer(20, () => seen.push(`late@${clock.now()}`));
  clock.setTimer(10, () => {
    seen.push(`early@${clock.now()}`);
    clock.setTimer(5, () => seen.push(`nested@${clock.now()}`));
  });
  await clock.advance(30);
  assert.deepEqual(seen, ['early@10', 'nested@15', 'late@20']);
  assert.equal(clock.now(), 30);
});
