import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { withLock } from './lock.ts';
import { fault, TestHome } from './testing/home.ts';

test('one at a time, clusters of all names alike', async () => {
  using home = new TestHome();
  let inside = 0;
  const seen: number[] = [];
  const work = async (): Promise<void> => {
    inside += 1;
    seen.push(inside);
    await new Promise(setImmediate);
    inside -= 1;
  };
  await Promise.all(['a', 'b', 'a'].map((name) => withLock(home.cluster(name), work)));
  assert.deepEqual(seen, [1, 1, 1]);
});

test('gives the answer, and the lock back after a failure', async () => {
  using home = new TestHome();
  assert.equal(await withLock(home.cluster(), async () => 7), 7);
  await assert.rejects(
    withLock(home.cluster(), async () => {
      throw new TypeError('no');
    }),
    TypeError,
  );
  assert.equal(await withLock(home.cluster(), async () => 8), 8);
});

test('who waits too long learns who is at work', async () => {
  using home = new TestHome();
  await withLock(home.cluster(), async () => {
    await assert.rejects(
      withLock(home.cluster(), async () => {}, 0),
      {
        ...fault('CLUSTER_BUSY'),
        message: new RegExp(`process ${process.pid}\\)`),
      },
    );
  });
});

test('a home that cannot be written is said to be one', async () => {
  using home = new TestHome();
  writeFileSync(home.all.run, 'a file in the way');
  await assert.rejects(
    withLock(home.cluster(), async () => {}),
    fault('HOME_NOT_WRITABLE'),
  );
});

test('a holder that is killed takes its lock along', async () => {
  using home = new TestHome();
  // The timer keeps the promise, and with it the lock, from the garbage collector.
  const program = `
    import { withLock } from ${JSON.stringify(join(import.meta.dirname, 'lock.ts'))};
    await withLock(${JSON.stringify(home.cluster())}, () => new Promise((resolve) => {
      setTimeout(resolve, 60_000);
      console.log('locked');
    }));`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    await once(child.stdout, 'data');
    await assert.rejects(
      withLock(home.cluster(), async () => {}, 0),
      fault('CLUSTER_BUSY'),
    );
  } finally {
    child.kill('SIGKILL');
  }
  assert.equal(await withLock(home.cluster(), async () => 'mine'), 'mine');
});
