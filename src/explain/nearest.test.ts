import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alternatives, nearest } from './nearest.ts';

test('names that may have been meant, the likeliest first', () => {
  const cases: [wanted: string, known: string[], expected: string[]][] = [
    ['wbe', ['web', 'db', 'api'], ['web']],
    ['frontned', ['frontend', 'backend'], ['frontend']],
    ['web', ['web-7b66', 'webs', 'x'], ['webs', 'web-7b66']],
    ['database', ['web'], []],
    ['a', ['', 'b'], ['b']],
    ['x', [], []],
  ];
  for (const [wanted, known, expected] of cases) {
    assert.deepEqual(nearest(wanted, known), expected, wanted);
  }
});

test('alternatives in words', () => {
  assert.equal(alternatives(['a']), 'a');
  assert.equal(alternatives(['a', 'b', 'c']), 'a, b or c');
});
