import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { errnoOf, isMissing } from './errno.ts';
import { readJsonFile, readTextFile } from './read-file.ts';

let folder: string;
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'portolan-files-'));
  writeFileSync(join(folder, 'good.json'), '{"a": 1}');
  writeFileSync(join(folder, 'empty.json'), '');
});
after(() => rmSync(folder, { recursive: true }));

test('reads text and JSON', () => {
  assert.equal(readTextFile(join(folder, 'good.json')), '{"a": 1}');
  assert.deepEqual(readJsonFile(join(folder, 'good.json')), { a: 1 });
});

test('there is nothing to read where nothing is', () => {
  for (const path of [join(folder, 'none'), join(folder, 'good.json', 'below')]) {
    assert.equal(readTextFile(path), undefined);
    assert.equal(readJsonFile(path), undefined);
  }
});

test('a damaged file is named', () => {
  const path = join(folder, 'empty.json');
  assert.throws(() => readJsonFile(path), {
    code: 'FILE_DAMAGED',
    message: `${path} is not JSON: Unexpected end of JSON input`,
  });
});

test('other failures are not "missing"', () => {
  assert.throws(() => readTextFile(folder), { code: 'EISDIR' });
  assert.ok(!isMissing(Object.assign(new Error('x'), { code: 'EACCES' })));
  assert.equal(errnoOf(new Error('x')), undefined);
  assert.equal(errnoOf('ENOENT'), undefined);
});
