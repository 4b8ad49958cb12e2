import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../clock/index.ts';
import { limitedLog } from './limited-log.ts';

test('fifty lines in five seconds, then how many there were more', async () => {
  const clock = new FakeClock();
  const lines: string[] = [];
  const log = limitedLog((line) => lines.push(line), clock);
  for (let index = 0; index < 60; index += 1) log('x');
  assert.equal(lines.length, 50);
  await clock.advance(5000);
  log('y');
  assert.deepEqual(lines.slice(50), ['[ERROR] dns: 10 lines like the last were left out', 'y']);
});
