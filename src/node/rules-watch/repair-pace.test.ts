import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FakeClock } from '../../clock/index.ts';
import { RepairPace, SLOW_MS } from './repair-pace.ts';

describe('the pace of repairs', () => {
  function begin() {
    const clock = new FakeClock();
    let over = 0;
    const pace = new RepairPace(clock, () => (over += 1));
    const note = (times: number): void => {
      for (let time = 0; time < times; time += 1) pace.note();
    };
    return { clock, pace, note, timesOver: () => over };
  }

  test('is at once for what happens now and then', async () => {
    const { clock, pace, timesOver } = begin();
    for (let minute = 0; minute < 20; minute += 1) {
      pace.note();
      await clock.advance(7_000);
      assert.equal(pace.delayMs, 0);
    }
    assert.equal(pace.isContest, false);
    assert.equal(timesOver(), 0);
  });

  test('slows down at the tenth within a minute, and stays slow while it goes on', async () => {
    const { clock, pace, note, timesOver } = begin();
    note(9);
    assert.equal(pace.delayMs, 0);
    note(1);
    assert.ok(pace.isContest);
    for (let round = 0; round < 20; round += 1) {
      assert.equal(pace.delayMs, SLOW_MS);
      await clock.advance(SLOW_MS);
      assert.equal(pace.delayMs, 0);
      note(1);
    }
    assert.ok(pace.isContest);
    assert.equal(timesOver(), 0);
  });

  test('is as before when there was nothing to repair for a minute', async () => {
    const { clock, pace, note, timesOver } = begin();
    note(11);
    await clock.advance(59_999);
    assert.ok(pace.isContest);
    await clock.advance(1);
    assert.equal(timesOver(), 1);
    note(9);
    assert.equal(pace.delayMs, 0);
    pace.close();
  });

  test('leaves no timer behind when it is closed', () => {
    const { clock, pace, note } = begin();
    note(10);
    pace.close();
    assert.equal(clock.pending, 0);
  });
});
