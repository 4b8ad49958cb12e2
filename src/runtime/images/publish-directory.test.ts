import { deepEqual, equal, throws } from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { publishDirectory } from './publish-directory.ts';

const directory = mkdtempSync(join(tmpdir(), 'portolan-publish-'));
after(() => rmSync(directory, { recursive: true }));

function make(name: string, file: string): string {
  const path = join(directory, name);
  mkdirSync(path);
  writeFileSync(join(path, file), '');
  return path;
}

test('the second of two that make the same keeps the first one, and leaves nothing', () => {
  const to = join(directory, 'final');
  publishDirectory(make('one', 'of-one'), to);
  const second = make('two', 'of-two');
  publishDirectory(second, to);
  deepEqual(readdirSync(to), ['of-one']);
  equal(existsSync(second), false);
});

test('any other failure is one', () => {
  throws(() => publishDirectory(make('three', 'x'), join(directory, 'no/such')), {
    code: 'ENOENT',
  });
});
