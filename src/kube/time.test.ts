import assert from 'node:assert/strict';
import { test } from 'node:test';
import { age, humanDuration } from './time.ts';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

const cases: readonly [milliseconds: number, text: string][] = [
  [-2 * second, '<invalid>'],
  [-second, '0s'],
  [0, '0s'],
  [4 * second + 999, '4s'],
  [119 * second, '119s'],
  [2 * minute, '2m'],
  [2 * minute + 2 * second, '2m2s'],
  [10 * minute + 59 * second, '10m'],
  [73 * minute, '73m'],
  [3 * hour, '3h'],
  [3 * hour + 39 * minute, '3h39m'],
  [8 * hour + 59 * minute, '8h'],
  [47 * hour, '47h'],
  [2 * day, '2d'],
  [3 * day + 5 * hour, '3d5h'],
  [8 * day + 5 * hour, '8d'],
  [729 * day, '729d'],
  [730 * day, '2y'],
  [800 * day, '2y70d'],
  [9 * 365 * day, '9y'],
];
for (const [milliseconds, text] of cases) {
  test(`${milliseconds} ms is ${text}`, () => assert.equal(humanDuration(milliseconds), text));
}

test('an age without a start is unknown', () => {
  assert.equal(age(undefined, 0), '<unknown>');
  assert.equal(age(null, 0), '<unknown>');
  assert.equal(age('2026-11-21T01:44:40Z', Date.UTC(2026, 10, 21, 1, 44, 44)), '4s');
});
