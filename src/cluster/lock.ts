import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Fault } from '../fault/index.ts';
import { identify, isAlive, type ProcessIdentity } from '../runtime/index.ts';
import type { ClusterDirectories } from './directories.ts';

const PAUSE_MS = 20;
const LIMIT_MS = 60_000;

function readHolder(path: string): ProcessIdentity | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as ProcessIdentity;
  } catch {
    return undefined;
  }
}

function tryLock(path: string): boolean {
  try {
    const file = openSync(path, 'wx', 0o600);
    writeSync(file, JSON.stringify(identify(process.pid)));
    closeSync(file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  }
}

/**
 * Runs `work` while no other start, stop or delete of this user's clusters runs: they share indices and addresses. A lock
 * whose holder died is broken. @throws Fault `CLUSTER_BUSY` after a minute.
 */
export async function withLock<T>(
  directories: ClusterDirectories,
  work: () => Promise<T>,
): Promise<T> {
  const folder = join(directories.state, '..');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, '.lock');
  const deadline = performance.now() + LIMIT_MS;
  while (!tryLock(path)) {
    const holder = readHolder(path);
    if (holder !== undefined && !isAlive(holder)) rmSync(path, { force: true });
    else if (performance.now() > deadline) {
      throw new Fault({
        code: 'CLUSTER_BUSY',
        message: `another portolan command (process ${holder?.pid ?? 'unknown'}) has held ${path} for a minute`,
        advice: 'Wait for it to end, or end it.',
      });
    } else await delay(PAUSE_MS);
  }
  try {
    return await work();
  } finally {
    rmSync(path, { force: true });
  }
}
