import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { figureOf, formatFigures, median, quantile } from './figure.ts';

const base = { bench: 'network', figure: 'one', unit: 'us' };

describe('a figure', () => {
  test('without peer or aim has neither ratio nor verdict', () => {
    const { ratio, met, peer, aim } = figureOf({ ...base, value: 3 });
    assert.deepEqual({ ratio, met, peer, aim }, { ratio: null, met: null, peer: '', aim: '' });
  });

  test('is held against the bound of its value', () => {
    const aim = { of: 'value', compare: '<=', bound: 2 } as const;
    assert.equal(figureOf({ ...base, value: 2, aim }).met, true);
    assert.equal(figureOf({ ...base, value: 2.1, aim }).met, false);
    assert.equal(figureOf({ ...base, value: 2, aim }).aim, '<= 2 us');
  });

  test('has a ratio either way round', () => {
    const aim = { of: 'ratio', compare: '>=', bound: 0.9 } as const;
    const measured = (ratio: 'value/peer' | 'peer/value') =>
      figureOf({ ...base, value: 20, peer: { name: 'bare', value: 10, ratio }, aim });
    assert.equal(measured('value/peer').ratio, 2);
    assert.equal(measured('value/peer').met, true);
    assert.equal(measured('peer/value').ratio, 0.5);
    assert.equal(measured('peer/value').met, false);
    assert.equal(measured('peer/value').peer, 'bare: 10.0 us');
  });
});

test('the table has a header and aligned columns', () => {
  const [header = '', row = ''] = formatFigures([figureOf({ ...base, value: 123.4 })]).split('\n');
  assert.equal(header.indexOf('VALUE'), row.indexOf('123 us'));
});

test('the median is the middle one, whatever the order', () => {
  assert.equal(median([9, 1, 5]), 5);
  assert.ok(Number.isNaN(median([])));
});

test('a quantile is the value that so many are below', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 99 - index);
  assert.equal(quantile(hundred, 0.99), 99);
  assert.equal(quantile(hundred, 0), 0);
});
