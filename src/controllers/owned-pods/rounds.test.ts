import assert from 'node:assert/strict';
import { test } from 'node:test';
import { atOnce, slowStart } from './rounds.ts';

const numbers = (count: number): number[] => Array.from({ length: count }, (_, at) => at);

test('a slow start doubles, and gives up where it is refused', async () => {
  const done: number[] = [];
  let atATime = 0;
  const sizes: number[] = [];
  await slowStart(numbers(10), async (item) => {
    atATime += 1;
    await Promise.resolve();
    if (atATime > 0) sizes.push(atATime);
    atATime = 0;
    done.push(item);
  });
  assert.deepEqual(done, numbers(10));
  assert.deepEqual(sizes, [1, 2, 4, 3]);
  const tried: number[] = [];
  const refused = slowStart(numbers(10), async (item) => {
    tried.push(item);
    if (item === 1) throw new Error('no more');
    await Promise.resolve();
  });
  await assert.rejects(refused, { message: 'no more' });
  assert.deepEqual(tried, [0, 1, 2]);
});

test('a round has its limit', async () => {
  const done: number[] = [];
  const act = (item: number): Promise<void> => Promise.resolve(void done.push(item));
  await atOnce(numbers(600), act);
  assert.equal(done.length, 500);
  await slowStart(numbers(600), act);
  assert.equal(done.length, 1000);
});
