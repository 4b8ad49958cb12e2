import { deepEqual, equal, rejects } from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createLimiter } from './limiter.ts';

describe('createLimiter', () => {
  it('runs so many at a time, in order, failures included', async () => {
    const limit = createLimiter(2);
    const ends: (() => void)[] = [];
    const begun: number[] = [];
    const job = (number: number) => async (): Promise<void> => {
      begun.push(number);
      await new Promise<void>((resolve) => ends.push(resolve));
      if (number === 0) throw new Error('first');
    };
    const results = [0, 1, 2, 3].map((number) => limit(job(number)));
    const failure = rejects(results[0] ?? Promise.resolve(), /first/);
    await Promise.resolve();
    deepEqual(begun, [0, 1]);
    ends[0]?.();
    await failure;
    deepEqual(begun, [0, 1, 2]);
    ends[1]?.();
    ends[2]?.();
    await Promise.all(results.slice(1, 3));
    ends[3]?.();
    await results[3];
    equal(begun.length, 4);
  });
});
