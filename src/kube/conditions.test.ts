import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../clock/index.ts';
import { conditionOf, isConditionTrue, withCondition } from './conditions.ts';

test('the transition time moves with the status only', async () => {
  const clock = new FakeClock(Date.UTC(2026, 0, 1));
  const first = withCondition([], { type: 'Ready', status: 'False', reason: 'Starting' }, clock);
  assert.equal(first[0]?.lastTransitionTime, '2026-01-01T00:00:00Z');
  await clock.advance(60_000);
  const same = withCondition(first, { type: 'Ready', status: 'False', reason: 'Waiting' }, clock);
  assert.equal(same[0]?.lastTransitionTime, '2026-01-01T00:00:00Z');
  assert.equal(same[0]?.reason, 'Waiting');
  const turned = withCondition(same, { type: 'Ready', status: 'True' }, clock);
  assert.equal(turned[0]?.lastTransitionTime, '2026-01-01T00:01:00Z');
  assert.equal(turned.length, 1);
  assert.equal(isConditionTrue(turned, 'Ready'), true);
  assert.equal(conditionOf(first, 'Ready')?.status, 'False', 'the old list is left alone');
});

test('other conditions keep their place', () => {
  const clock = new FakeClock(0);
  const list = withCondition([{ type: 'A', status: 'True' }], { type: 'B', status: 'True' }, clock);
  const again = withCondition(list, { type: 'A', status: 'False' }, clock);
  assert.deepEqual(
    again.map(({ type, status }) => `${type}=${status}`),
    ['A=False', 'B=True'],
  );
});
