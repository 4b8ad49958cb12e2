import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatIndexes, freeIndexes, parseIndexes } from './indexes.ts';

const texts: readonly (readonly [indexes: readonly number[], text: string])[] = [
  [[], ''],
  [[7], '7'],
  [[2, 1, 0], '0-2'],
  [[0, 1], '0,1'],
  [[0, 1, 2, 4, 6, 7, 8, 9], '0-2,4,6-9'],
];

for (const [indexes, text] of texts) {
  test(`${JSON.stringify(indexes)} is written "${text}" and read back`, () => {
    assert.equal(formatIndexes(indexes), text);
    assert.deepEqual(
      [...parseIndexes(text, 100)],
      indexes.toSorted((one, two) => one - two),
    );
  });
}

test('indexes out of range are not read', () => {
  assert.deepEqual([...parseIndexes('0-5,9', 3)], [0, 1, 2]);
});

test('the first free indexes come first', () => {
  assert.deepEqual(freeIndexes(new Set([0, 2]), { count: 2, completions: 5 }), [1, 3]);
  assert.deepEqual(freeIndexes(new Set([0, 2]), { count: 9, completions: 4 }), [1, 3]);
});
