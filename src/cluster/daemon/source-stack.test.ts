import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { sourceStack, traceOf } from './source-stack.ts';

const directory = mkdtempSync(join(tmpdir(), 'portolan-stack-'));
after(() => rmSync(directory, { recursive: true }));

test('places in a bundle are told as those in its sources', () => {
  const file = join(directory, 'bundle.mjs');
  // AACA: the same column, first source, one line further, the same column.
  const mappings = 'AAAA;AACA';
  const map = { version: 3, sources: ['../src/one.ts'], sourceRoot: 'file:///tree/out/', mappings };
  writeFileSync(`${file}.map`, JSON.stringify({ ...map, names: [] }));
  const url = pathToFileURL(file).href;
  assert.equal(
    sourceStack(`Error: lost\n    at find (${url}:2:1)\n    at ${url}:1:1\n    at node:fs:7:1`),
    'Error: lost\n    at find (file:///tree/src/one.ts:2:1)\n    at file:///tree/src/one.ts:1:1\n    at node:fs:7:1',
  );
});

test('places in sources, and what is no error, stay as they are', () => {
  const error = new TypeError('lost');
  assert.equal(traceOf(error), error.stack);
  assert.equal(traceOf('lost'), 'lost');
});
