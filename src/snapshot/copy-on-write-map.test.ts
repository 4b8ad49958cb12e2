import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { CopyOnWriteMap } from './copy-on-write-map.ts';

describe('a map that is copied when it changes', () => {
  test('what was shared never changes', () => {
    const map = new CopyOnWriteMap<string, number>();
    map.put('a', 1);
    const first = map.share();
    map.put('a', 2);
    map.put('b', 3);
    const second = map.share();
    map.put('a', undefined);
    assert.deepEqual([...first], [['a', 1]]);
    assert.deepEqual(
      [...second],
      [
        ['a', 2],
        ['b', 3],
      ],
    );
    assert.deepEqual([...map.share()], [['b', 3]]);
  });

  test('it is the same one until something changes', () => {
    const map = new CopyOnWriteMap<string, number>();
    map.put('a', 1);
    assert.equal(map.share(), map.share());
  });

  test('all ways to read one agree', () => {
    const map = new CopyOnWriteMap<string, number>();
    for (const key of ['a', 'b', 'c']) map.put(key, key.charCodeAt(0));
    map.share();
    map.put('b', undefined);
    map.put('d', 100);
    const shared = map.share();
    const seen: unknown[] = [];
    shared.forEach((value, key, whole) => seen.push([key, value, whole === shared]));
    assert.deepEqual(seen, [
      ['a', 97, true],
      ['c', 99, true],
      ['d', 100, true],
    ]);
    assert.deepEqual([...shared.keys()], ['a', 'c', 'd']);
    assert.deepEqual([...shared.values()], [97, 99, 100]);
    assert.deepEqual([shared.has('b'), shared.get('b'), shared.size], [false, undefined, 3]);
  });

  test('it holds what a plain map would, through any changes and sharings', () => {
    const step = fc.record({
      key: fc.nat(400),
      value: fc.option(fc.nat(), { nil: undefined }),
      isShared: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 1500, size: 'max' }), (steps) => {
        const map = new CopyOnWriteMap<number, number>();
        const plain = new Map<number, number>();
        const copies: [ReadonlyMap<number, number>, Map<number, number>][] = [];
        for (const { key, value, isShared } of steps) {
          map.put(key, value);
          if (value === undefined) plain.delete(key);
          else plain.set(key, value);
          assert.equal(map.get(key), value);
          if (isShared && copies.length < 50) copies.push([map.share(), new Map(plain)]);
        }
        copies.push([map.share(), plain]);
        for (const [shared, expected] of copies) {
          assert.equal(shared.size, expected.size);
          assert.deepEqual(new Map(shared), expected);
        }
      }),
      { numRuns: 30 },
    );
  });
});
