import assert from 'node:assert/strict';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { follow } from './logs.ts';

test('follows a log as it grows, and as it begins anew', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'portolan-logs-'));
  const path = join(folder, 'log');
  writeFileSync(path, 'old\n');
  const out = new PassThrough({ encoding: 'utf8' });
  const controller = new AbortController();
  const { signal } = controller;
  const following = follow(path, 4, { out, signal });
  appendFileSync(path, 'grown by a line\n');
  assert.deepEqual(await once(out, 'data'), ['grown by a line\n']);
  truncateSync(path);
  appendFileSync(path, 'new\n');
  assert.deepEqual(await once(out, 'data'), ['new\n']);
  controller.abort();
  await following;
  rmSync(folder, { recursive: true });
});
