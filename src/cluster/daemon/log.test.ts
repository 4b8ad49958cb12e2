import assert from 'node:assert/strict';
import { appendFileSync, closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { TestHome } from '../testing/home.ts';
import { DaemonLog, lastLines, olderLog } from './log.ts';

test('writes lines with their time', () => {
  using home = new TestHome();
  const path = join(home.path, 'log');
  const descriptor = openSync(path, 'a');
  new DaemonLog({ descriptor, path }).write('hello');
  closeSync(descriptor);
  assert.match(readFileSync(path, 'utf8'), /^\d{4}-\d\d-\d\dT[\d:.]+Z hello\n$/);
});

test('a large log moves aside and begins anew in the same file', () => {
  using home = new TestHome();
  const path = join(home.path, 'log');
  const descriptor = openSync(path, 'a');
  const log = new DaemonLog({ descriptor, path, largestBytes: 100 });
  appendFileSync(path, 'x'.repeat(100));
  log.write('first of the new');
  appendFileSync(path, 'from elsewhere\n');
  log.write('second');
  closeSync(descriptor);
  assert.equal(readFileSync(olderLog(path), 'utf8'), 'x'.repeat(100));
  assert.match(readFileSync(path, 'utf8'), /^\S+ first of the new\nfrom elsewhere\n\S+ second\n$/);
});

test('a full disk does not end the daemon', () => {
  const descriptor = openSync('/dev/full', 'a');
  new DaemonLog({ descriptor, path: '/dev/full' }).write('lost');
  closeSync(descriptor);
});

test('the last lines from a position on', () => {
  using home = new TestHome();
  const path = join(home.path, 'log');
  writeFileSync(path, 'of an earlier start\n');
  const from = readFileSync(path).length;
  assert.deepEqual(lastLines(path, from, 3), []);
  appendFileSync(path, 'one\ntwo\nthree\nfour\n');
  assert.deepEqual(lastLines(path, from, 3), ['two', 'three', 'four']);
  assert.deepEqual(lastLines(path, from, 9), ['one', 'two', 'three', 'four']);
});
