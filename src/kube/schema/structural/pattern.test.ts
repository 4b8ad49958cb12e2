import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compilePattern } from './pattern.ts';

const rows: readonly (readonly [pattern: string, fits: string, unfit: string])[] = [
  ['^[a-z]+$', 'abc', 'ABC'],
  // Escapes that mean nothing: Go takes them, JavaScript with the flag u does not.
  [String.raw`^a\-b\:c\@d\"$`, 'a-b:c@d"', 'a-b:c@d'],
  [String.raw`^[\w\-\:]+$`, 'a-b:c', 'a b'],
  [String.raw`^\/[^\/]*\.txt$`, '/a.txt', '/a/txt'],
  [String.raw`\Aab\z`, 'ab', 'ab\n'],
  ['(?i)^abc$', 'ABC', 'ABCD'],
  ['^(?P<name>a+)$', 'aa', 'b'],
  [String.raw`(?m)\Aab\z`, 'ab', 'ab\nab'],
  [String.raw`^\p{L}+$`, 'äß', '1'],
  [String.raw`^\\d$`, String.raw`\d`, '1'],
];

for (const [pattern, fits, unfit] of rows) {
  test(`${pattern} matches as it does in Go`, () => {
    assert.match(fits, compilePattern(pattern));
    assert.doesNotMatch(unfit, compilePattern(pattern));
    assert.equal(compilePattern(pattern), compilePattern(pattern));
  });
}

test('what JavaScript cannot say is an error', () => {
  assert.throws(() => compilePattern('[[:alpha:]]'), SyntaxError);
  assert.throws(() => compilePattern('(a'), SyntaxError);
});
