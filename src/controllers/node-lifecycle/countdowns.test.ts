import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { FakeClock, type Clock } from '../../clock/index.ts';
import { Countdowns } from './countdowns.ts';

let clock: FakeClock;
/** How long the machine slept: its clock went on, its timers did not. */
let sleptMs: number;
let over: string[];
let countdowns: Countdowns;

beforeEach(() => {
  clock = new FakeClock(0);
  sleptMs = 0;
  over = [];
  const sleeper: Clock = {
    now: () => clock.now() + sleptMs,
    setTimer: (delayMs, run) => clock.setTimer(delayMs, run),
  };
  countdowns = new Countdowns(sleeper, (key) => over.push(`${key}@${clock.now()}`));
});

test('every countdown is over at its time, with one timer for all', async () => {
  countdowns.restart('late', 30);
  countdowns.restart('early', 10);
  countdowns.restart('later', 40);
  assert.equal(clock.pending, 1);
  await clock.advance(100);
  assert.deepEqual(over, ['early@10', 'late@30', 'later@40']);
  assert.equal(clock.pending, 0);
});

test('what is restarted counts anew; what is kept counts from its beginning, to another end', async () => {
  countdowns.restart('restarted', 10);
  countdowns.keep('kept', 10);
  await clock.advance(5);
  countdowns.restart('restarted', 10);
  countdowns.keep('kept', 20);
  await clock.advance(100);
  assert.deepEqual(over, ['restarted@15', 'kept@20']);
});

test('a kept countdown may end sooner than it began', async () => {
  countdowns.keep('kept', 1000);
  await clock.advance(5);
  countdowns.keep('kept', 3);
  await clock.advance(1);
  assert.deepEqual(over, ['kept@5']);
});

test('a stopped countdown is never over', async () => {
  countdowns.restart('stopped', 10);
  assert.equal(countdowns.stop('stopped'), true);
  assert.equal(countdowns.stop('stopped'), false);
  await clock.advance(100);
  assert.deepEqual(over, []);
});

test('time that the machine slept does not count', async () => {
  countdowns.restart('first', 10);
  countdowns.restart('second', 30);
  await clock.advance(5);
  sleptMs = 3_600_000;
  assert.equal(countdowns.isOver('second'), false);
  await clock.advance(5);
  assert.deepEqual(over, ['first@10']);
  await clock.advance(19);
  assert.equal(over.length, 1);
  await clock.advance(1);
  assert.deepEqual(over, ['first@10', 'second@30']);
});

test('nothing is over after the close', async () => {
  countdowns.restart('closed', 10);
  countdowns.close();
  countdowns.restart('later', 10);
  assert.equal(clock.pending, 0);
});
