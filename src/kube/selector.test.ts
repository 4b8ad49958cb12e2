import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ApiError } from './api-error.ts';
import { FieldPath } from './field-error.ts';
import type { LabelSelector, StringMap } from './meta.ts';
import { parseSelector } from './parse-selector.ts';
import { compileMapSelector, compileSelector, formatSelector } from './selector.ts';
import { validateLabelSelector } from './validate-selector.ts';

const web: StringMap = { app: 'web', tier: 'front', size: '12' };

describe('text as kubectl sends it', () => {
  const cases: readonly [text: string, matches: boolean, printed?: string][] = [
    ['', true],
    ['app=web', true],
    ['app==web', true, 'app=web'],
    ['app = web', true, 'app=web'],
    ['app!=web', false],
    ['zone!=a', true],
    ['app in (web, db)', true, 'app in (db,web)'],
    ['app in (web)', true, 'app=web'],
    ['app notin (web,db)', false, 'app notin (db,web)'],
    ['zone notin (a)', true, 'zone!=a'],
    ['app', true],
    ['!app', false],
    ['constructor', false],
    ['!constructor', true],
    ['! zone', true, '!zone'],
    ['size>10,size<13', true, 'size>10,size<13'],
    ['tier>1', false],
    ['app=web,tier=front,!zone', true, 'app=web,tier=front,!zone'],
    ['app=web,tier=back', false],
    ['app=', false],
    ['in in (in)', false, 'in=in'],
    ['example.com/role=a', false],
  ];
  for (const [text, matches, printed = text] of cases) {
    test(JSON.stringify(text), () => {
      const selector = parseSelector(text);
      assert.equal(selector.matches(web), matches);
      const inOrderOfKey = (list: string): string[] => list.split(',').toSorted();
      assert.deepEqual(inOrderOfKey(selector.toText()), inOrderOfKey(printed));
    });
  }

  const broken: readonly [text: string, message: RegExp][] = [
    ['a=b c', /found 'c', expected: ',' or 'end of string'/],
    ['=b', /found '=', expected: identifier/],
    ['a in b', /found 'b', expected: '\('/],
    ['a in (b', /found '', expected: ',', '\)' or identifier/],
    ['a,', /found '', expected: identifier/],
    ['-a=b', /Invalid value: "-a": name part must consist of/],
    ['a=-b', /values\[0\]\[a\]: Invalid value: "-b": a valid label must be/],
    ['a constructor b', /found 'constructor', expected: in, notin/],
    ['a>x', /the value must be an integer/],
  ];
  for (const [text, message] of broken) {
    test(`refuses ${text}`, () => {
      assert.throws(
        () => parseSelector(text),
        (error) =>
          error instanceof ApiError && error.reason === 'BadRequest' && message.test(error.message),
      );
    });
  }
});

describe('LabelSelector', () => {
  const cases: readonly [LabelSelector | undefined, boolean, string][] = [
    [undefined, false, '<none>'],
    [{}, true, '<none>'],
    [{ matchLabels: { app: 'web' } }, true, 'app=web'],
    [
      { matchExpressions: [{ key: 'app', operator: 'In', values: ['db', 'cache'] }] },
      false,
      'app in (cache,db)',
    ],
    [
      {
        matchLabels: { tier: 'front' },
        matchExpressions: [{ key: 'app', operator: 'Exists' }],
      },
      true,
      'app,tier=front',
    ],
  ];
  for (const [selector, matches, text] of cases) {
    test(JSON.stringify(selector) ?? 'absent', () => {
      assert.equal(compileSelector(selector).matches(web), matches);
      assert.equal(formatSelector(selector), text);
    });
  }

  test('a Service without selector selects nothing', () => {
    assert.equal(compileMapSelector(undefined).matches(web), false);
    assert.equal(compileMapSelector({}).isNothing, true);
    assert.equal(compileMapSelector({ app: 'web' }).matches(web), true);
  });

  test('is validated with the texts of the API', () => {
    const selector = {
      matchLabels: { 'a b': 'c d' },
      matchExpressions: [
        { key: 'a', operator: 'In' },
        { key: 'a', operator: 'Exists', values: ['b'] },
        { key: 'a', operator: 'Like' },
      ],
    } as LabelSelector;
    const errors = validateLabelSelector(selector, new FieldPath('spec.selector'));
    assert.deepEqual(
      errors.map(({ field }) => field),
      [
        'spec.selector.matchLabels',
        'spec.selector.matchLabels',
        'spec.selector.matchExpressions[0].values',
        'spec.selector.matchExpressions[1].values',
        'spec.selector.matchExpressions[2].operator',
      ],
    );
    assert.equal(
      errors[2]?.body,
      "Required value: must be specified when `operator` is 'In' or 'NotIn'",
    );
    assert.equal(errors[4]?.body, 'Invalid value: "Like": not a valid selector operator');
  });
});

describe('an operator that labels do not have, in objects that nobody validated', () => {
  for (const operator of ['Like', 'Gt', 'toString']) {
    test(operator, () => {
      const selector = {
        matchLabels: { app: 'web' },
        matchExpressions: [{ key: 'size', operator, values: ['1'] }],
      } as unknown as LabelSelector;
      const compiled = compileSelector(selector);
      assert.deepEqual([compiled.isNothing, compiled.matches(web)], [true, false]);
      assert.match(formatSelector(selector), /^app=web,size/);
    });
  }
});
