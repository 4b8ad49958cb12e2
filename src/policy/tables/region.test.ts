import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import {
  emptyRegion,
  fullRegion,
  intersect,
  regionHas,
  regionOf,
  spansOf,
  subtract,
  union,
  type Region,
} from './region.ts';

const regions: fc.Arbitrary<Region> = fc
  .array(
    fc
      .tuple(fc.constantFrom(1, 6, 7, 17), fc.nat(6), fc.nat(6))
      .map(([protocol, first, length]) => regionOf(protocol, first, first + length)),
    { maxLength: 4 },
  )
  .map((parts) => parts.reduce(union, emptyRegion))
  .chain((region) => fc.constantFrom(region, subtract(fullRegion, region)));

const points = [1, 6, 7, 17, 200].flatMap((protocol) =>
  [0, 1, 3, 6, 7, 12, 65_535].map((port) => [protocol, port] as const),
);

describe('regions', () => {
  const laws = {
    'a union has what either has': [union, (one: boolean, two: boolean) => one || two],
    'an intersection has what both have': [intersect, (one: boolean, two: boolean) => one && two],
    'a difference has what only the first has': [
      subtract,
      (one: boolean, two: boolean) => one && !two,
    ],
  } as const;
  for (const [law, [combine, expected]] of Object.entries(laws)) {
    test(law, () => {
      fc.assert(
        fc.property(regions, regions, (one, two) => {
          const both = combine(one, two);
          for (const [protocol, port] of points) {
            assert.equal(
              regionHas(both, protocol, port),
              expected(regionHas(one, protocol, port), regionHas(two, protocol, port)),
            );
          }
        }),
      );
    });
  }

  test('equal sets are equal lists', () => {
    fc.assert(
      fc.property(regions, regions, (one, two) => {
        assert.deepEqual(union(one, two), union(two, one));
        assert.deepEqual(union(subtract(one, two), intersect(one, two)), one);
      }),
    );
  });

  test('spans are the same set, and never overlap', () => {
    fc.assert(
      fc.property(regions, (region) => {
        const spans = spansOf(region);
        for (const [protocol, port] of points) {
          const found = spans.filter(
            ({ protocols, ports }) =>
              protocols[0] <= protocol &&
              protocol <= protocols[1] &&
              ports[0] <= port &&
              port <= ports[1],
          );
          assert.equal(found.length, regionHas(region, protocol, port) ? 1 : 0);
        }
      }),
    );
  });

  test('whole protocols side by side are one span', () => {
    assert.deepEqual(spansOf(fullRegion), [{ protocols: [0, 255], ports: [0, 65_535] }]);
    assert.deepEqual(spansOf(subtract(fullRegion, regionOf(6, 80, 80))), [
      { protocols: [0, 5], ports: [0, 65_535] },
      { protocols: [6, 6], ports: [0, 79] },
      { protocols: [6, 6], ports: [81, 65_535] },
      { protocols: [7, 255], ports: [0, 65_535] },
    ]);
  });
});
