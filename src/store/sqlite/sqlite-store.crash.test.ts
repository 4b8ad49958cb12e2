import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { keyOf } from '../testing/samples.ts';
import { openSqliteStore } from './sqlite-store.ts';

const writer = join(import.meta.dirname, '../testing/crash-writer.ts');

/** Runs a writer, kills it after about `writes` acknowledgements, and returns all that it acknowledged. */
async function writeAndKill(path: string, round: number, writes: number): Promise<string[]> {
  const child = spawn(process.execPath, [writer, path, String(round)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  let killed = false;
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk;
    if (killed || output.split('\n').length <= writes) return;
    killed = true;
    child.kill('SIGKILL');
  });
  const [code, signal] = await once(child, 'close');
  assert.deepEqual([code, signal], [null, 'SIGKILL']);
  return output.split('\n').slice(0, -1);
}

/** The newest object, when it is one that the writer deletes again (every third) and its deletion was not told. */
function newestToDelete(acknowledged: readonly string[]): string | undefined {
  const [verb, name = ''] = acknowledged.at(-1)?.split(' ') ?? [];
  const isShortLived = Number(name.split('-')[1]) % 3 === 0;
  return verb === 'put' && isShortLived ? name : undefined;
}

test('every acknowledged write is there after kill -9, at random points', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'portolan-store-'));
  const path = join(directory, 'store.db');
  const expected = new Set<string>();
  try {
    for (let round = 0; round < 8; round += 1) {
      const writes = 1 + Math.floor(Math.random() * 400);
      const acknowledged = await writeAndKill(path, round, writes);
      for (const line of acknowledged) {
        const [verb, name = ''] = line.split(' ');
        if (verb === 'put') expected.add(name);
        else expected.delete(name);
      }
      const last = newestToDelete(acknowledged);
      const store = openSqliteStore({ path });
      // The writer may have deleted its newest object without living to say so.
      if (last !== undefined && (await store.get(keyOf(last))) === undefined) expected.delete(last);
      for (const name of expected) {
        assert.ok(await store.get(keyOf(name)), `${name} was acknowledged in round ${round}`);
      }
      const count = (await store.list({ prefix: '/' })).objects.length;
      assert.ok(Math.abs(count - expected.size) <= round + 1, `${count} of ${expected.size}`);
      await store.close();
    }
  } finally {
    rmSync(directory, { recursive: true });
  }
});
