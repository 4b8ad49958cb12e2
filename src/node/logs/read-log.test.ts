import assert from 'node:assert/strict';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { after, describe, test } from 'node:test';
import type { LogOptions } from '../node-api.ts';
import { copyLog } from './read-log.ts';

const folder = mkdtempSync(join(tmpdir(), 'portolan-log-'));
after(() => rmSync(folder, { recursive: true }));

const plain: LogOptions = { follow: false, previous: false, timestamps: false };
const line = (second: number, words: string, tag = 'F', stream = 'stdout'): string =>
  `2026-11-21T07:00:${String(second).padStart(2, '0')}.000000001Z ${stream} ${tag} ${words}\n`;

async function read(content: string, options: Partial<LogOptions> = {}): Promise<string> {
  const path = join(folder, 'container.log');
  writeFileSync(path, content);
  const out = new PassThrough();
  const result = text(out);
  await copyLog(
    { path, isRunning: () => false, onEnd: () => () => {} },
    { ...plain, ...options },
    out,
    new AbortController().signal,
  );
  out.end();
  return result;
}

const three = line(1, 'one') + line(2, 'two', 'F', 'stderr') + line(3, 'three');

describe('copyLog', () => {
  test('strips the CRI prefix from both streams', async () => {
    assert.equal(await read(three), 'one\ntwo\nthree\n');
  });

  test('ends when its reader goes away, also while it waits for it', async () => {
    const path = join(folder, 'long.log');
    writeFileSync(path, line(1, 'x'.repeat(100)).repeat(10_000));
    const out = new PassThrough();
    const copied = copyLog(
      { path, isRunning: () => true, onEnd: () => () => {} },
      { ...plain, follow: true },
      out,
      new AbortController().signal,
    );
    await once(out, 'readable');
    out.destroy();
    await copied;
  });

  test('joins partial entries', async () => {
    assert.equal(await read(line(1, 'be', 'P') + line(1, 'gin') + line(2, '')), 'begin\n\n');
  });

  test('timestamps stand once before each line', async () => {
    const shown = await read(line(1, 'be', 'P') + line(2, 'gin'), { timestamps: true });
    assert.equal(shown, '2026-11-21T07:00:01.000000001Z begin\n');
  });

  test('timestamps of UTC end in Z, other offsets stay', async () => {
    const written = line(1, 'one').replace('Z', '+00:00') + line(2, 'two').replace('Z', '+02:00');
    assert.equal(
      await read(written, { timestamps: true }),
      '2026-11-21T07:00:01.000000001Z one\n2026-11-21T07:00:02.000000001+02:00 two\n',
    );
  });

  for (const [tailLines, expected] of [
    [0, ''],
    [1, 'three\n'],
    [2, 'two\nthree\n'],
    [9, 'one\ntwo\nthree\n'],
  ] as const) {
    test(`tail ${tailLines}`, async () => assert.equal(await read(three, { tailLines }), expected));
  }

  test('tail counts whole lines over chunks of the file', async () => {
    const many = Array.from({ length: 20_000 }, (_, number) => line(1, `line ${number}`)).join('');
    const shown = await read(many, { tailLines: 15_000 });
    assert.equal(shown.split('\n').length - 1, 15_000);
    assert.ok(shown.startsWith('line 5000\n'));
  });

  test('sinceTime and limitBytes cut', async () => {
    assert.equal(await read(three, { sinceTime: '2026-11-21T07:00:02Z' }), 'two\nthree\n');
    assert.equal(await read(three, { limitBytes: 6 }), 'one\ntw');
  });

  test('follows until the container has ended, and loses nothing of its end', async () => {
    const path = join(folder, 'followed.log');
    writeFileSync(path, line(1, 'first'));
    let isRunning = true;
    const out = new PassThrough();
    const result = text(out);
    const done = copyLog(
      { path, isRunning: () => isRunning, onEnd: () => () => {} },
      { ...plain, follow: true },
      out,
      new AbortController().signal,
    );
    await new Promise((resolve) => out.once('readable', resolve));
    appendFileSync(path, line(2, 'second'));
    isRunning = false;
    appendFileSync(path, line(3, 'last'));
    await done;
    out.end();
    assert.equal(await result, 'first\nsecond\nlast\n');
  });

  test('goes on in the file that the log is begun anew in', async () => {
    const path = join(folder, 'rotated.log');
    writeFileSync(path, line(1, 'first'));
    let isRunning = true;
    let tellEnd = (): void => {};
    const out = new PassThrough();
    const result = text(out);
    const onEnd = (listener: () => void) => {
      tellEnd = listener;
      return () => {};
    };
    const done = copyLog(
      { path, isRunning: () => isRunning, onEnd },
      { ...plain, follow: true, tailLines: 1 },
      out,
      new AbortController().signal,
    );
    await new Promise((resolve) => out.once('readable', resolve));
    writeFileSync(`${path}.tmp`, line(2, 'second') + line(3, 'third'));
    renameSync(`${path}.tmp`, path);
    isRunning = false;
    tellEnd();
    await done;
    out.end();
    assert.equal(await result, 'first\nsecond\nthird\n');
  });

  test('a reader that goes away ends the following', async () => {
    const path = join(folder, 'abandoned.log');
    writeFileSync(path, line(1, 'first'));
    const gone = new AbortController();
    const out = new PassThrough();
    const done = copyLog(
      { path, isRunning: () => true, onEnd: () => () => {} },
      { ...plain, follow: true },
      out,
      gone.signal,
    );
    await new Promise((resolve) => out.once('readable', resolve));
    gone.abort();
    await done;
  });
});
