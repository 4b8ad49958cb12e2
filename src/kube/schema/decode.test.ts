import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { ApiError } from '../api-error.ts';
import { decodeJson, decodeYaml } from './decode.ts';
import { findDuplicateFields } from './duplicates.ts';

function duplicates(text: string): string[] {
  return findDuplicateFields(text).map((problem) => problem.message);
}

test('a key given twice is named with its position', () => {
  assert.deepEqual(duplicates('{"spec":{"x":1, "x" : 2},"a":[{"b":[],"b":{}}]}'), [
    'duplicate field "spec.x"',
    'duplicate field "a[0].b"',
  ]);
});

test('keys are compared after their escapes', () => {
  assert.deepEqual(duplicates('{"a":1,"\\u0061":2}'), ['duplicate field "a"']);
});

test('the last of two values counts, as in Go', () => {
  assert.deepEqual(decodeJson('{"a":1,"a":2}').value, { a: 2 });
});

test('no JSON that JavaScript writes has duplicates, and the scanner ends', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom(0, 2, '\t'), (value, indent) => {
      assert.deepEqual(duplicates(JSON.stringify(value, undefined, indent)), []);
    }),
  );
});

test('text that is not JSON is a bad request', () => {
  assert.throws(
    () => decodeJson('{'),
    (error) => error instanceof ApiError && error.reason === 'BadRequest',
  );
});

test('YAML reports duplicates with their line', async () => {
  const { value, problems } = await decodeYaml('a: 1\nspec:\n  x: 1\n  x: 2\n');
  assert.deepEqual(value, { a: 1, spec: { x: 2 } });
  assert.deepEqual(
    problems.map((problem) => problem.message),
    ['yaml: unmarshal errors:\n  line 4: key "x" already set in map'],
  );
});

test('text that is not YAML is a bad request', async () => {
  await assert.rejects(decodeYaml('a: [1\nb: }'), /error converting YAML to JSON: yaml: line 2: /);
});

test('text that nests too deep is a bad request, not a crash', () => {
  for (const [open, close] of [
    ['[', ']'],
    ['{"a":', '}'],
  ] as const) {
    const text = `${open.repeat(100_000)}1${close.repeat(100_000)}`;
    assert.throws(() => decodeJson(text), /the body nests deeper than 1000 levels/);
  }
});

test('YAML that multiplies by aliases, or nests too deep, is a bad request', async () => {
  const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x]'];
  for (let level = 1; level < 9; level += 1) {
    const copies = Array.from({ length: 9 }, () => `*a${level - 1}`).join(', ');
    lines.push(`a${level}: &a${level} [${copies}]`);
  }
  await assert.rejects(decodeYaml(lines.join('\n')), /Excessive alias count/);
  await assert.rejects(decodeYaml('['.repeat(20_000)), { name: 'ApiError' });
});
