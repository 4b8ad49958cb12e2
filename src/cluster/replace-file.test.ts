import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { replaceFile } from './replace-file.ts';
import { TestHome } from './testing/home.ts';

test('makes the file and its folder for their owner alone', () => {
  using home = new TestHome();
  const path = join(home.path, 'folder', 'file');
  replaceFile(path, 'text');
  assert.equal(readFileSync(path, 'utf8'), 'text');
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.equal(statSync(join(home.path, 'folder')).mode & 0o777, 0o700);
});

test('replaces the text and leaves nothing beside it', () => {
  using home = new TestHome();
  const path = join(home.path, 'file');
  writeFileSync(path, 'old');
  chmodSync(path, 0o644);
  replaceFile(path, 'new');
  assert.equal(readFileSync(path, 'utf8'), 'new');
  assert.deepEqual(readdirSync(home.path), ['file']);
});

test('a failure leaves what was there', () => {
  using home = new TestHome();
  const path = join(home.path, 'taken');
  mkdirSync(path);
  assert.throws(() => replaceFile(path, 'text'), { code: 'EISDIR' });
  assert.deepEqual(readdirSync(home.path), ['taken']);
});
