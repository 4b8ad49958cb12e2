import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { className, rcodeName, recordTypes, typeByName, typeName } from './constants.ts';
import { absoluteName, canonicalName, isName, isWithin, labelsOf, wireLength } from './name.ts';

const label = 'x'.repeat(63);
/** 4 x 64 octets and the root's: one more than a name may have. */
const long = `${label}.${label}.${label}.${'x'.repeat(62)}.`;

describe('names', () => {
  const labels: readonly (readonly [string, readonly string[]])[] = [
    ['.', []],
    ['', []],
    ['local.', ['local']],
    ['cluster.local', ['cluster', 'local']],
    [String.raw`a\.b.local.`, [String.raw`a\.b`, 'local']],
    [String.raw`a\\.local.`, [String.raw`a\\`, 'local']],
    [String.raw`local\.`, [String.raw`local\.`]],
    [String.raw`\032.local.`, [String.raw`\032`, 'local']],
  ];
  for (const [name, expected] of labels) {
    test(`labels of ${JSON.stringify(name)}`, () => assert.deepEqual(labelsOf(name), expected));
  }

  const within: readonly (readonly [string, string, boolean])[] = [
    ['web.local.', 'local.', true],
    ['local.', 'local.', true],
    ['weblocal.', 'local.', false],
    ['local.', 'web.local.', false],
    ['anything.', '.', true],
    ['.', '.', true],
    ['.', 'local.', false],
    [String.raw`web\.local.`, 'local.', false],
    [String.raw`web\\.local.`, 'local.', true],
  ];
  for (const [name, zone, expected] of within) {
    test(`${name} is ${expected ? '' : 'not '}within ${zone}`, () => {
      assert.equal(isWithin(name, zone), expected);
    });
  }

  const lengths: readonly (readonly [string, number])[] = [
    ['.', 1],
    ['local.', 7],
    ['a.b.', 5],
    [String.raw`a\.b.`, 5],
    [String.raw`\032.`, 3],
    [`${label}.`, 65],
    [`${label}x.`, Number.NaN],
    ['a..b.', Number.NaN],
    [String.raw`a\..b.`, 6],
    [String.raw`a\...b.`, Number.NaN],
    [String.raw`\256.`, Number.NaN],
    ['a\\', Number.NaN],
    ['snow☃.', Number.NaN],
    [long, 256],
  ];
  for (const [name, octets] of lengths) {
    test(`${name.slice(0, 20)} takes ${octets} octets`, () => {
      assert.equal(wireLength(name), octets);
      assert.equal(isName(name), octets <= 255);
    });
  }

  test('no text is no name', () => assert.equal(isName(''), false));

  test('absolute names end in a dot, once', () => {
    assert.deepEqual(['web', 'web.', '.'].map(absoluteName), ['web.', 'web.', '.']);
  });

  test('names compare without the case of ASCII letters', () => {
    assert.equal(canonicalName(String.raw`WeB.\195\132.Local.`), String.raw`web.\195\132.local.`);
  });
});

describe('names of numbers', () => {
  test('those of types go both ways, also where there is none', () => {
    for (const type of [...Object.values(recordTypes), 0, 1234, 65_535]) {
      assert.equal(typeByName(typeName(type)), type);
    }
    assert.deepEqual([typeName(33), typeName(1234)], ['SRV', 'TYPE1234']);
  });

  test('they are read in any case, and refused when they are none', () => {
    assert.equal(typeByName('aaaa'), recordTypes.AAAA);
    for (const text of ['', 'NOTHING', 'TYPE', 'TYPE65536', 'TYPE-1', 'toString']) {
      assert.equal(typeByName(text), undefined);
    }
  });

  test('classes and codes have names, or numbers in them', () => {
    assert.deepEqual([className(1), className(7)], ['IN', 'CLASS7']);
    assert.deepEqual(
      [rcodeName(3), rcodeName(16), rcodeName(99)],
      ['NXDOMAIN', 'BADVERS', 'RCODE99'],
    );
  });
});
