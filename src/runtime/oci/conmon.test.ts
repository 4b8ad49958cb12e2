import { equal, ok, rejects } from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { detectCgroups } from './cgroups.ts';
import { createWithConmon } from './conmon.ts';
import { bundleOf, layoutOf } from './layout.ts';
import { createRunc, runcMessage, type Runc } from './runc.ts';
import { killAll, processesOfBundle } from './strays.ts';

let folder: string;
/** Reads from a pipe that nobody writes to, and so never ends. */
let stuck: Runc;
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'portolan-conmon-'));
  const path = join(folder, 'runc');
  writeFileSync(path, '#!/bin/sh\nmkfifo "$0.pipe"; read line < "$0.pipe"\n', { mode: 0o755 });
  stuck = { path, globalArguments: [], run: () => Promise.reject(new Error('not used')) };
});
after(() => rmSync(folder, { recursive: true }));

test('a container that does not come to be is named, and what hangs can be found and killed', async () => {
  const layout = layoutOf(folder);
  const bundle = bundleOf(layout, 'web');
  for (const path of [bundle.directory, layout.exits]) mkdirSync(path, { recursive: true });
  const created = createWithConmon({
    id: 'web',
    bundle,
    exits: layout.exits,
    runc: stuck,
    logPath: bundle.log,
    logSizeBytes: 1000,
    tty: false,
    stdin: false,
    stdinOnce: false,
    limitMs: 300,
  });
  await rejects(created, {
    code: 'CONTAINER_CANNOT_RUN',
    message: 'container web was not created within 0.3 s: conmon did not report',
  });
  const cgroups = detectCgroups('none', '');
  ok(processesOfBundle(bundle, cgroups).length > 0);
  await killAll(() => processesOfBundle(bundle, cgroups));
});

test('a runc that hangs is killed, and its command told', async () => {
  const path = process.env['PATH'];
  process.env['PATH'] = folder;
  try {
    const runc = createRunc({ state: folder, isRootless: false, limitMs: 100 });
    await rejects(runc.run('start', 'web'), {
      code: 'RUNC_FAILED',
      message: 'runc start web: did not end within 0.1 s, and was killed',
    });
  } finally {
    process.env['PATH'] = path;
  }
});

test('what runc prints is told as it meant it', () => {
  const log = (msg: string): string => `time="2026-01-01T00:00:00Z" level=error msg=${msg}`;
  equal(runcMessage(log('"exec: \\"a\\": not found"')), 'exec: "a": not found');
  equal(
    runcMessage(log(String.raw`"bell \a, byte \x1b, \U0001f600, \\x41"`)),
    'bell \u0007, byte \u001b, 😀, \\x41',
  );
  equal(runcMessage('{"level":"error","msg":"one"}\n{"level":"error","msg":"two"}\n'), 'two');
  equal(runcMessage('{half\n'), '{half');
});
