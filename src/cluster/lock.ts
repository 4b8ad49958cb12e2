import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { Fault, messageOf } from '../fault/index.ts';
import type { ClusterDirectories } from './directories.ts';

const PAUSE_MS = 20;
/** Longer than the longest start (`START_LIMIT_MS`), so that whoever waits for one sees its end. */
const LIMIT_MS = 90_000;
/** https://www.sqlite.org/rescode.html#busy */
const SQLITE_BUSY = 5;

/**
 * Locks the file, which stays when the lock is given back. SQLite is the one program in Node that takes fcntl(2) locks, which
 * the kernel gives back whatever kills their holder: no stale lock is ever to be judged and broken.
 */
function tryLock(path: string): DatabaseSync | undefined {
  const file = new DatabaseSync(path, { timeout: 0 });
  try {
    file.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    return file;
  } catch (error) {
    file.close();
    if ((error as { errcode?: number }).errcode === SQLITE_BUSY) return undefined;
    throw error;
  }
}

/** The process that holds a lock on the file, from `/proc/locks` (proc_locks(5)). */
function holderOf(path: string): string {
  const { ino } = statSync(path);
  const line = readFileSync('/proc/locks', 'utf8')
    .split('\n')
    .map((text) => text.trim().split(/\s+/))
    .find((fields) => fields[5]?.endsWith(`:${ino}`) === true);
  return line?.[4] ?? 'unknown';
}

/** The lock of all clusters of one home; run-time, so that a reboot takes it away. */
export function lockFile(directories: ClusterDirectories): string {
  return join(directories.run, '..', '.lock');
}

/** The first thing that any command writes: where it cannot, nothing else can be. */
function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new Fault({
      code: 'HOME_NOT_WRITABLE',
      message: `cannot make the folder ${folder}: ${messageOf(cause)}`,
      advice: 'Set PORTOLAN_HOME to a folder that can be written.',
      cause,
    });
  }
}

/**
 * Runs `work` while no other start, stop or delete of this user's clusters runs: they share indices and addresses.
 * @throws Fault `CLUSTER_BUSY` when another command holds the lock for `limitMs`, `HOME_NOT_WRITABLE`
 */
export async function withLock<T>(
  directories: ClusterDirectories,
  work: () => Promise<T>,
  limitMs = LIMIT_MS,
): Promise<T> {
  const path = lockFile(directories);
  makeFolder(dirname(path));
  const deadline = performance.now() + limitMs;
  let lock = tryLock(path);
  while (lock === undefined) {
    if (performance.now() > deadline) {
      throw new Fault({
        code: 'CLUSTER_BUSY',
        message: `another portolan command (process ${holderOf(path)}) is at work and does not end`,
        advice: 'Wait for it, or end it.',
      });
    }
    await delay(PAUSE_MS);
    lock = tryLock(path);
  }
  try {
    return await work();
  } finally {
    lock.close();
  }
}
