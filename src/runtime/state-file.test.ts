import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { readState, writeState } from './state-file.ts';

let folder: string;
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'portolan-state-'));
});
after(() => rmSync(folder, { recursive: true }));

test('what was written is read', () => {
  const path = join(folder, 'one.json');
  writeState(path, { id: 'a', startedAt: 1 });
  assert.deepEqual(readState(path), { id: 'a', startedAt: 1 });
});

test('what a power cut emptied is not there, as what was never written', () => {
  const path = join(folder, 'empty.json');
  writeFileSync(path, '');
  assert.equal(readState(path), undefined);
  assert.equal(readState(join(folder, 'none.json')), undefined);
});
