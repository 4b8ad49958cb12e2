import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { createKernel } from '../../kernel/index.ts';
import { callPlugin } from './call-plugin.ts';

const folder = mkdtempSync(join(tmpdir(), 'portolan-plugin-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const kernel = createKernel();

function call(script: string, limitMs?: number): Promise<string> {
  const file = join(folder, 'plugin');
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
  const limit = limitMs === undefined ? {} : { limitMs };
  return callPlugin(kernel, { file, netns: undefined, environment: {}, input: {}, ...limit });
}

test('gives what the plugin prints', async () => {
  assert.equal(await call('cat > /dev/null; echo answer'), 'answer\n');
});

test('a plugin that hangs is ended, although what it started holds its output', async () => {
  const flag = join(folder, 'flag');
  writeFileSync(flag, '');
  const background = `(while [ -e ${flag} ]; do sleep 0.1; done) &`;
  try {
    await assert.rejects(call(`${background}\nwait`, 100), {
      number: 5,
      message: /^cannot run \S+plugin: it did not end in 0\.1 s$/,
    });
  } finally {
    rmSync(flag);
  }
});

test('one that cannot be run says so', async () => {
  const file = join(folder, 'none');
  await assert.rejects(callPlugin(kernel, { file, netns: undefined, environment: {}, input: {} }), {
    number: 5,
    message: /^cannot run \S+none: spawn .*ENOENT/,
  });
});
