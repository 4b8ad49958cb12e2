import { equal, match } from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { openCriLog } from './cri-log.ts';

const directory = mkdtempSync(join(tmpdir(), 'portolan-log-'));
after(() => rmSync(directory, { recursive: true }));

function lines(path: string): string[] {
  return readFileSync(path, 'utf8').trimEnd().split('\n');
}

test('a line is one in CRI format, whatever it holds', () => {
  const path = join(directory, 'deep/line.log');
  const log = openCriLog(path, 1000);
  log.write('one\ntwo');
  log.close();
  match(lines(path)[0] ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}\+00:00 stdout F one\\ntwo$/);
});

test('a log goes on where it ended, and begins anew over its size', () => {
  const path = join(directory, 'size.log');
  for (const text of ['first', 'second']) {
    const log = openCriLog(path, 120);
    log.write(text);
    log.close();
  }
  equal(lines(path).length, 2);
  const log = openCriLog(path, 120);
  log.write('x'.repeat(60));
  equal(lines(path).length, 1);
  log.close();
});

test('what cannot be written is counted, and told of as soon as it can', () => {
  const path = join(directory, 'full.log');
  const log = openCriLog(path, 200);
  log.write('x'.repeat(120));
  // Beginning anew fails: its file is in the way as a directory.
  mkdirSync(`${path}.new`);
  log.write('lost');
  log.write('lost');
  rmSync(`${path}.new`, { recursive: true });
  log.write('written');
  log.close();
  const [told = '', written = ''] = lines(path);
  match(told, /stdout F 2 lines could not be written$/);
  match(written, /stdout F written$/);
});
