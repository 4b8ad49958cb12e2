import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';

test('a thread that cannot come back ends the process', () => {
  const url = (file: string) => JSON.stringify(new URL(file, import.meta.url).href);
  const program = `
    import { libc } from ${url('libc.ts')};
    import { inFresh } from ${url('thread-namespaces.ts')};
    inFresh(['net'], () => { libc.setns = () => -1; });
    console.log('still here');`;
  const { signal, stdout, stderr } = spawnSync(
    process.execPath,
    ['--input-type=module', '--eval', program],
    { encoding: 'utf8' },
  );
  assert.equal(signal, 'SIGABRT');
  assert.equal(stdout, '');
  assert.match(stderr, /cannot leave a net namespace/);
});
