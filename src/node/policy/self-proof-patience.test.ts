import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Patience } from './self-proof-patience.ts';

/** Turns of these many milliseconds, over and over, until the patience is at its end. */
function turnsUntilOver(limitMs: number, turnMs: number): number {
  let now = 5;
  const patience = new Patience(limitMs, () => now);
  for (let turns = 1; ; turns += 1) {
    now += turnMs;
    if (!patience.endTurn()) return turns;
  }
}

describe('patience', () => {
  test('lasts as long as its limit while turns are short', () => {
    assert.equal(turnsUntilOver(100, 1), 100);
    assert.equal(turnsUntilOver(100, 0.5), 200);
  });

  test('counts a turn in which the process did something else as an idle one', () => {
    assert.equal(turnsUntilOver(100, 5000), turnsUntilOver(100, 10));
  });
});
