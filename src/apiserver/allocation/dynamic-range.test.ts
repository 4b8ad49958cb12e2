import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressBand, bandedRange, candidates, nodePortBand } from './dynamic-range.ts';

/** What, how many can be given, by which rule, where dynamic ones start, and of how many. */
const bands: readonly [string, number, typeof addressBand, number, number?][] = [
  ['a /12 of addresses', 1_048_574, addressBand, 256, 1_048_576],
  ['a /24 of addresses', 254, addressBand, 16, 256],
  ['a /20 of addresses', 4094, addressBand, 256, 4096],
  ['a /29 of addresses', 6, addressBand, 0, 8],
  ['a /28 of addresses', 14, addressBand, 14, 16],
  ['the default node ports', 2768, nodePortBand, 86],
  ['many node ports', 10_000, nodePortBand, 128],
];

for (const [what, size, rule, dynamicStart, total] of bands) {
  test(`the static band of ${what}`, () => {
    assert.equal(bandedRange(size, rule, total).dynamicStart, dynamicStart);
  });
}

test('candidates are every number once: the upper band from the picked place, then the lower', () => {
  const picked: number[] = [];
  const order = [
    ...candidates({ size: 8, dynamicStart: 3 }, (bound) => {
      picked.push(bound);
      return bound - 1;
    }),
  ];
  assert.deepEqual(order, [7, 3, 4, 5, 6, 2, 0, 1]);
  assert.deepEqual(picked, [5, 3]);
});
