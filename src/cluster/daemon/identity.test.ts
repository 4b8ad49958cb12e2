import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { identify } from '../../runtime/index.ts';
import { places } from '../directories.ts';
import { TestHome } from '../testing/home.ts';
import { findDaemon, killDaemon, writeDaemonIdentity } from './identity.ts';

test('finds the process that said so', () => {
  using home = new TestHome();
  assert.equal(findDaemon(home.cluster()), undefined);
  writeDaemonIdentity(home.cluster(), process.pid);
  assert.equal(findDaemon(home.cluster())?.pid, process.pid);
});

test('does not take another process of the same number for it', () => {
  using home = new TestHome();
  const cluster = home.cluster();
  mkdirSync(cluster.run, { recursive: true });
  const earlier = { ...identify(process.pid), startTicks: '1' };
  writeFileSync(places.daemonRecord(cluster), JSON.stringify(earlier));
  assert.equal(findDaemon(cluster), undefined);
});

test('kills it, and nothing when it is gone', async () => {
  using home = new TestHome();
  const child = spawn('sleep', ['1000']);
  await once(child, 'spawn');
  writeDaemonIdentity(home.cluster(), child.pid ?? 0);
  const ended = once(child, 'exit');
  await killDaemon(home.cluster());
  assert.equal((await ended)[1], 'SIGKILL');
  assert.equal(findDaemon(home.cluster()), undefined);
  await killDaemon(home.cluster());
});
