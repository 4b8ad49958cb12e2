import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { createFile, replaceFile } from './write-file.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'portolan-files-'));
  path = join(folder, 'file');
});
afterEach(() => rmSync(folder, { recursive: true }));

const content = (): string => readFileSync(path, 'utf8');
const module = JSON.stringify(join(import.meta.dirname, 'write-file.ts'));

for (const write of [replaceFile, createFile]) {
  describe(write.name, () => {
    test('makes the file for its owner alone, and leaves nothing beside it', () => {
      write(path, 'text');
      assert.equal(content(), 'text');
      assert.equal(statSync(path).mode & 0o777, 0o600);
      assert.equal(statSync(path).nlink, 1);
      assert.deepEqual(readdirSync(folder), ['file']);
    });

    test('writes bytes, with the mode that is asked for, durable or not', () => {
      for (const durable of [true, false]) {
        const file = join(folder, String(durable));
        write(file, Buffer.from([0, 255, 0]), { mode: 0o640, durable });
        assert.deepEqual([...readFileSync(file)], [0, 255, 0]);
        assert.equal(statSync(file).mode & 0o777, 0o640);
      }
    });

    test('takes a name as long as names can be', () => {
      path = join(folder, 'n'.repeat(255));
      write(path, 'text');
      assert.equal(content(), 'text');
    });

    test('makes no folder unasked: what was removed does not come back', () => {
      assert.throws(() => write(join(folder, 'gone', 'file'), 'text'), { code: 'ENOENT' });
      assert.deepEqual(readdirSync(folder), []);
    });

    test('makes the folder with the mode that is asked for', () => {
      path = join(folder, 'a', 'b', 'file');
      write(path, 'text', { folderMode: 0o710 });
      assert.equal(content(), 'text');
      assert.equal(statSync(join(folder, 'a', 'b')).mode & 0o777, 0o710);
    });

    test('a failure to give it its name leaves what was there', () => {
      mkdirSync(path);
      assert.throws(() => write(path, 'text'), { code: /^(EISDIR|EEXIST)$/ });
      assert.deepEqual(readdirSync(folder), ['file']);
    });
  });
}

test('replacing takes over neither the mode nor the place that a link leads to', () => {
  const elsewhere = join(folder, 'elsewhere');
  writeFileSync(elsewhere, 'kept');
  chmodSync(elsewhere, 0o644);
  symlinkSync(elsewhere, path);
  replaceFile(path, 'new');
  assert.equal(content(), 'new');
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.equal(readFileSync(elsewhere, 'utf8'), 'kept');
});

test('creating does not touch a file that is there', () => {
  createFile(path, 'first');
  assert.throws(() => createFile(path, 'second'), { code: 'EEXIST' });
  assert.equal(content(), 'first');
});

test('of processes that create the same file one succeeds, and its content is whole', async () => {
  const program = `
    import { createFile } from ${module};
    const [path, letter] = process.argv.slice(1);
    try { createFile(path, letter.repeat(100_000)); console.log(letter); }
    catch (error) { if (error.code !== 'EEXIST') throw error; }
  `;
  const run = promisify(execFile);
  const outputs = await Promise.all(
    ['a', 'b', 'c'].map((letter) =>
      run(process.execPath, ['--input-type=module', '--eval', program, path, letter]),
    ),
  );
  const winners = outputs.map(({ stdout }) => stdout.trim()).filter((text) => text !== '');
  assert.equal(winners.length, 1);
  assert.equal(content(), winners[0]?.repeat(100_000));
});

test('a full disk leaves the old content and no rubbish', async () => {
  replaceFile(path, 'old');
  // A file size limit stands in for it: the kernel writes a part, then refuses (setrlimit(2), RLIMIT_FSIZE).
  const program = `
    import { replaceFile } from ${module};
    process.on('SIGXFSZ', () => {});
    try { replaceFile(process.argv[1], 'x'.repeat(100_000)); }
    catch (error) { console.log(error.code); }
  `;
  const { stdout } = await promisify(execFile)('prlimit', [
    '--fsize=4096',
    process.execPath,
    '--input-type=module',
    '--eval',
    program,
    path,
  ]);
  assert.equal(stdout, 'EFBIG\n');
  assert.equal(content(), 'old');
  assert.deepEqual(readdirSync(folder), ['file']);
});

test('a reader never sees a part, also when the writer is killed', async () => {
  replaceFile(path, 'a'.repeat(500_000));
  const program = `
    import { replaceFile } from ${module};
    for (let turn = 0; ; turn += 1)
      replaceFile(process.argv[1], 'ab'[turn % 2].repeat(500_000), { durable: false });
  `;
  const writer = spawn(process.execPath, ['--input-type=module', '--eval', program, path]);
  const seen = new Set<string>();
  while (!seen.has('b')) {
    const text = content();
    assert.equal(text, text.charAt(0).repeat(500_000));
    seen.add(text.charAt(0));
  }
  writer.kill('SIGKILL');
  await once(writer, 'exit');
  assert.match(content(), /^(a{500000}|b{500000})$/);
  for (const name of readdirSync(folder)) assert.match(name, /^(file|\.[0-9a-f]{16}\.tmp)$/);
});
