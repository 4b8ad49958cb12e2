import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { SortedKeys } from './sorted-keys.ts';

const segment = fc.constantFrom('a', 'ab', 'b', 'core', 'pods', 'z-1');
const key = fc
  .tuple(segment, segment, segment, fc.option(segment, { nil: undefined }))
  .map((parts) => `/${parts.filter((part) => part !== undefined).join('/')}`);

/** A prefix of some key, cut anywhere. */
const prefix = fc.tuple(key, fc.nat(12)).map(([text, length]) => text.slice(0, 1 + length));

test('a range is what filtering and sorting all keys gives', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(key),
      fc.uniqueArray(key),
      prefix,
      key,
      (added, removed, start, after) => {
        const keys = new SortedKeys();
        for (const one of added) keys.add(one);
        for (const one of removed) keys.delete(one);
        const left = added.filter((one) => !removed.includes(one)).sort();
        const inRange = left.filter((one) => one.startsWith(start));
        assert.deepEqual(keys.range(start), inRange);
        assert.deepEqual(
          keys.range(start, after),
          inRange.filter((one) => one > after),
        );
      },
    ),
  );
});
