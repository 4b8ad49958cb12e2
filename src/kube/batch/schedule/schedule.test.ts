import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { lastTime, nextTime } from './next-time.ts';
import { parseSchedule } from './parse-schedule.ts';
import { isTimeZone } from './zone.ts';

type Row = readonly [schedule: string, after: string, next: string, timeZone?: string];

const rows: readonly Row[] = [
  ['* * * * *', '2026-11-21T10:00:00Z', '2026-11-21T10:01:00Z'],
  ['* * * * *', '2026-11-21T10:00:59.999Z', '2026-11-21T10:01:00Z'],
  ['*/15 * * * *', '2026-11-21T10:50:00Z', '2026-11-21T11:00:00Z'],
  ['5/20 * * * *', '2026-11-21T10:26:00Z', '2026-11-21T10:45:00Z'],
  ['0 9-17/4 * * *', '2026-11-21T10:00:00Z', '2026-11-21T13:00:00Z'],
  ['30 8 * * mon-fri', '2026-11-21T10:00:00Z', '2026-11-23T08:30:00Z'],
  ['0 0 1 JAN ?', '2026-11-21T10:00:00Z', '2027-01-01T00:00:00Z'],
  // Both day fields restricted: the 13th, and every Friday.
  ['0 0 13 * 5', '2026-11-21T10:00:00Z', '2026-11-27T00:00:00Z'],
  ['0 0 13 * 5', '2026-12-12T00:00:00Z', '2026-12-13T00:00:00Z'],
  // One of them open: both must match.
  ['0 0 13 * *', '2026-11-21T10:00:00Z', '2026-12-13T00:00:00Z'],
  ['0 0 29 2 *', '2026-11-21T10:00:00Z', '2028-02-29T00:00:00Z'],
  ['@hourly', '2026-11-21T10:00:00Z', '2026-11-21T11:00:00Z'],
  ['@weekly', '2026-11-21T10:00:00Z', '2026-11-22T00:00:00Z'],
  ['@yearly', '2026-11-21T10:00:00Z', '2027-01-01T00:00:00Z'],
  ['@every 1m30s', '2026-11-21T10:00:00Z', '2026-11-21T10:01:30Z'],
  ['0 12 * * *', '2026-07-01T00:00:00Z', '2026-07-01T10:00:00Z', 'Europe/Vienna'],
  ['0 12 * * *', '2026-12-01T00:00:00Z', '2026-12-01T11:00:00Z', 'Europe/Vienna'],
  ['0 0 * * *', '2026-11-21T10:00:00Z', '2026-11-21T12:00:00Z', 'Asia/Kamchatka'],
  // 02:30 does not happen on the night when clocks are put forward...
  ['30 2 * * *', '2026-03-28T12:00:00Z', '2026-03-30T00:30:00Z', 'Europe/Vienna'],
  // ...and happens twice when they are put back.
  ['30 2 * * *', '2026-10-24T12:00:00Z', '2026-10-25T00:30:00Z', 'Europe/Vienna'],
  ['30 2 * * *', '2026-10-25T00:30:00Z', '2026-10-25T01:30:00Z', 'Europe/Vienna'],
  ['*/15 * * * *', '2026-10-25T00:05:00Z', '2026-10-25T00:15:00Z', 'Europe/Vienna'],
];

for (const [schedule, after, next, timeZone] of rows) {
  test(`${schedule} after ${after} is ${next}${timeZone === undefined ? '' : ` in ${timeZone}`}`, () => {
    const found = nextTime(parseSchedule(schedule), Date.parse(after), timeZone);
    assert.equal(found, Date.parse(next));
  });
}

test('a day that never comes is none', () => {
  assert.equal(nextTime(parseSchedule('0 0 30 2 *'), 0), undefined);
});

describe('the last time', () => {
  const last = (schedule: string, earliest: string, now: string): string | undefined => {
    const found = lastTime(parseSchedule(schedule), {
      earliest: Date.parse(earliest),
      now: Date.parse(now),
    });
    return found === undefined ? undefined : new Date(found).toISOString();
  };

  test('is the newest of those that were missed', () => {
    const found = last('* * * * *', '2020-01-01T00:00:00Z', '2026-11-21T10:00:30Z');
    assert.equal(found, '2026-11-21T10:00:00.000Z');
    assert.equal(
      last('@yearly', '2020-01-01T00:00:00Z', '2026-11-21T10:00:30Z'),
      '2026-01-01T00:00:00.000Z',
    );
  });

  test('may be now, is never the earliest, and may be none', () => {
    const hour = '2026-11-21T10:00:00Z';
    assert.equal(last('@hourly', '2026-11-21T09:30:00Z', hour), '2026-11-21T10:00:00.000Z');
    assert.equal(last('@hourly', hour, '2026-11-21T10:59:59Z'), undefined);
    assert.equal(last('@every 10s', hour, '2026-11-21T10:00:09Z'), undefined);
    assert.equal(last('@every 10s', hour, '2026-11-21T10:00:25Z'), '2026-11-21T10:00:20.000Z');
  });
});

const mistakes: readonly (readonly [schedule: string, message: string])[] = [
  ['* *', 'expected exactly 5 fields, found 2: [* *]'],
  ['60 * * * *', 'end of range (60) above maximum (59): 60'],
  ['* * 0 * *', 'beginning of range (0) below minimum (1): 0'],
  ['* * * * 7', 'end of range (7) above maximum (6): 7'],
  ['5-2 * * * *', 'beginning of range (5) beyond end of range (2): 5-2'],
  ['*/0 * * * *', 'step of range should be a positive number: */0'],
  ['1/2/3 * * * *', 'too many slashes: 1/2/3'],
  ['1-2-3 * * * *', 'too many hyphens: 1-2-3'],
  ['x * * * *', 'failed to parse int from x: strconv.Atoi: parsing "x": invalid syntax'],
  ['@noon', 'unrecognized descriptor: @noon'],
  ['@every soon', 'failed to parse duration @every soon: time: invalid duration "soon"'],
];

for (const [schedule, message] of mistakes) {
  test(`${schedule}: ${message}`, () => {
    assert.throws(() => parseSchedule(schedule), { message });
  });
}

test('time zones are those of the tz database', () => {
  assert.deepEqual(['Europe/Vienna', 'Etc/UTC', 'Middle/Earth'].map(isTimeZone), [
    true,
    true,
    false,
  ]);
});
