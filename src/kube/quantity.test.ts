import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { Fault } from '../fault/index.ts';
import {
  addQuantities,
  compareQuantities,
  formatQuantity,
  parseQuantity,
  quantityMilliValue,
  quantityValue,
  tryParseQuantity,
} from './quantity.ts';

const canonical: readonly [text: string | number, printed: string][] = [
  ['0', '0'],
  ['0.5', '500m'],
  [1, '1'],
  [1.5, '1500m'],
  ['100m', '100m'],
  ['1000m', '1'],
  ['1000', '1k'],
  ['1024', '1024'],
  ['1024Ki', '1Mi'],
  ['1Gi', '1Gi'],
  ['1.5Gi', '1536Mi'],
  ['0.5Ki', '512'],
  ['1e3', '1e3'],
  ['12E6', '12e6'],
  ['1E', '1E'],
  ['-5', '-5'],
  ['+5', '5'],
  ['.5', '500m'],
  ['5.', '5'],
  ['0.0000000001', '1n'],
  ['100u', '100u'],
  ['9223372036854775808', '9223372036854775807'],
  ['-1e50', '-9223372036854775807'],
];
describe('canonical text', () => {
  for (const [text, printed] of canonical) {
    test(`${text} prints ${printed}`, () => {
      assert.equal(formatQuantity(parseQuantity(text)), printed);
    });
  }
});

for (const text of ['', '.', 'Gi', '1 Gi', '1gi', '1e', '1kk', 'one', '1e999']) {
  test(`${JSON.stringify(text)} is no quantity`, () => {
    assert.equal(tryParseQuantity(text), undefined);
    assert.throws(
      () => parseQuantity(text),
      (error) => error instanceof Fault && error.code === 'QUANTITY_INVALID',
    );
  });
}

test('amounts round up to whole units and thousandths', () => {
  assert.equal(quantityValue(parseQuantity('1Gi')), 1_073_741_824n);
  assert.equal(quantityValue(parseQuantity('1500m')), 2n);
  assert.equal(quantityMilliValue(parseQuantity('0.25')), 250n);
  assert.equal(quantityMilliValue(parseQuantity('1u')), 1n);
});

test('comparison and sum do not depend on how an amount is written', () => {
  assert.equal(compareQuantities(parseQuantity('1Ki'), parseQuantity('1024')), 0);
  assert.equal(compareQuantities(parseQuantity('1M'), parseQuantity('1Mi')), -1);
  assert.equal(formatQuantity(addQuantities(parseQuantity('500m'), parseQuantity('0.5'))), '1');
});

test('printing loses nothing', () => {
  const suffixes = ['', 'n', 'u', 'm', 'k', 'M', 'G', 'Ki', 'Mi', 'Gi', 'e3', 'e-3'];
  fc.assert(
    fc.property(fc.integer(), fc.constantFrom(...suffixes), (number, suffix) => {
      const quantity = parseQuantity(`${number}${suffix}`);
      assert.equal(parseQuantity(formatQuantity(quantity)).nano, quantity.nano);
    }),
  );
});
