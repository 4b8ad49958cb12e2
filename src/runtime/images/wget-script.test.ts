import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import { wgetScript } from './wget-script.ts';

describe('wget with a time-out', () => {
  const folder = mkdtempSync(join(tmpdir(), 'portolan-wget-'));
  const script = join(folder, 'wget');
  let answering: Server;
  let silent: Server;

  before(async () => {
    writeFileSync(script, wgetScript);
    chmodSync(script, 0o755);
    for (const applet of ['sh', 'timeout', 'busybox'])
      symlinkSync('/bin/busybox', join(folder, applet));
    answering = createServer((socket) => {
      socket.once('data', () => socket.end('HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi'));
    }).listen(0, '127.0.0.1');
    silent = createServer(() => {}).listen(0, '127.0.0.1');
    await Promise.all([once(answering, 'listening'), once(silent, 'listening')]);
  });
  after(() => {
    answering.close();
    silent.close();
    rmSync(folder, { recursive: true });
  });

  function url(server: Server): string {
    const address = server.address();
    return `http://127.0.0.1:${typeof address === 'object' ? (address?.port ?? 0) : 0}/`;
  }

  async function run(args: readonly string[]): Promise<{ code: number; out: string; err: string }> {
    const child = spawn('/bin/busybox', ['sh', script, ...args], { env: { PATH: folder } });
    const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
    const code = child.exitCode ?? ((await once(child, 'exit')) as [number])[0];
    return { code, out, err };
  }

  for (const flags of [
    ['-qO-', '-T', '2'],
    ['-qO-', '-T2'],
    ['-q', '-O', '-', '--timeout=2'],
    ['-qT2', '-O-'],
    ['-qT', '2', '-O', '-'],
    ['-qO-'],
  ]) {
    test(`answers with ${flags.join(' ')}`, async () => {
      assert.deepEqual(await run([...flags, url(answering)]), { code: 0, out: 'hi', err: '' });
    });
  }

  test('says that it timed out, with exit code 1', async () => {
    const { code, err } = await run(['--spider', '--timeout=1', url(silent)]);
    assert.equal(code, 1);
    assert.match(err, /^Connecting to .*\nwget: download timed out\n$/);
    silent.close();
  });

  test('passes failures on', async () => {
    const { code, err } = await run(['-qO-', '-T', '2', 'http://127.0.0.1:1/']);
    assert.equal(code, 1);
    assert.match(err, /Connection refused/);
  });
});
