import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { readProvenRows, unprovenRows } from './proofs.ts';

const root = join(import.meta.dirname, '..', '..');
const fixtures = join(import.meta.dirname, 'fixtures', 'proofs');
/** How many rows each document has to have. */
const documents = { 'services.md': 39, 'policies.md': 52 };

describe('every row of behaviour names tests that are there', () => {
  for (const [name, last] of Object.entries(documents)) {
    test(`holds for docs/${name}`, () => {
      const rows = readProvenRows(readFileSync(join(root, 'docs', name), 'utf8'));
      assert.deepEqual(unprovenRows(rows, { root, last }), []);
    });
  }

  test('fails for the fixture', () => {
    const rows = readProvenRows(readFileSync(join(fixtures, 'rows.md'), 'utf8'));
    assert.deepEqual(unprovenRows(rows, { root: fixtures, last: 6 }), [
      'row 6 is missing',
      'row 4 is there twice, or is none',
      'row 3 says nothing',
      'row 4 names no test',
      'row 2: some.test.ts has no test "a title that is in a comment alone"',
      'row 3: some.test.ts has no test "a title that nobody wrote"',
      'row 5: gone.test.ts has no test "a title"',
      'row 5: rows.md has no test "a title"',
    ]);
  });
});
