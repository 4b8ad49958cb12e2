import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileExpression, findIn } from './expressions.ts';

function find(path: string, text: string): string[] | undefined {
  const match = compileExpression(path);
  assert.ok(typeof match !== 'string' && match.kind === 'regex');
  return findIn(match.pattern, text)?.slice();
}

test('expressions find what they find, with and without a clock', () => {
  assert.deepEqual(find('/a(/|$)(.*)', '/A/b'), ['/A/b', '/', 'b']);
  assert.deepEqual(find('/(?:[a-z]+/)*x', '/a/b/x'), ['/a/b/x']);
  assert.equal(find('/(?:[a-z]+/)*x', '/a/b/y'), undefined);
  assert.equal(find('/(.*)/(.*)/(.*)x', `/${'a/'.repeat(100)}`), undefined);
});

for (const path of ['/(a+)+$', '/(a|a)*$', '/(a*)*b', '/(?=(a+)+$)', `/${'a?'.repeat(40)}$`]) {
  test(`${path.slice(0, 20)} does not hold the engine for as long as it would like`, () => {
    const text = `/${'a'.repeat(40)}!`;
    assert.throws(() => find(path, text), { code: 'EXPRESSION_TOO_SLOW' });
  });
}

test('a long path takes an expression no longer that only goes over it again and again', () => {
  const text = `/${'a'.repeat(20_000)}`;
  assert.throws(() => find('/(.*)(.*)(.*)b', text), { code: 'EXPRESSION_TOO_SLOW' });
});
