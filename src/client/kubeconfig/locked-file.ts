import {
  chmodSync,
  chownSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { systemClock, type Clock } from '../../clock/index.ts';
import { Fault, messageOf } from '../../fault/index.ts';

/** How often and how long another writer is waited for; kubectl itself gives up at once. */
const lockPollMs = 20;
const lockPatienceMs = 3000;

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

/** The file's text; undefined when there is none. @throws Fault `KUBECONFIG_UNREADABLE` */
export function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw new Fault({
      code: 'KUBECONFIG_UNREADABLE',
      message: `cannot read the kubeconfig ${path}: ${messageOf(error)}`,
      advice: 'Check its permissions, or name another file with --kubeconfig.',
      cause: error,
    });
  }
}

function pause(clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    clock.setTimer(lockPollMs, resolve);
  });
}

function tryLock(lock: string): boolean {
  try {
    closeSync(openSync(lock, 'wx', 0));
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
}

async function lockFile(path: string, clock: Clock): Promise<string> {
  const lock = `${path}.lock`;
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
  for (const giveUp = clock.now() + lockPatienceMs; !tryLock(lock); await pause(clock)) {
    if (clock.now() < giveUp) continue;
    throw new Fault({
      code: 'KUBECONFIG_LOCKED',
      message: `the kubeconfig ${path} is locked by ${lock}`,
      advice: 'Wait for the other kubectl; if none runs, remove the lock file.',
    });
  }
  return lock;
}

/** Replaces the file in one step, keeping its mode and owner; a new file is for its owner only. */
function writeAtomically(path: string, text: string): void {
  const temporary = `${path}.${process.pid}.tmp`;
  const existing = statSync(path, { throwIfNoEntry: false });
  try {
    const descriptor = openSync(temporary, 'wx', 0o600);
    try {
      writeFileSync(descriptor, text);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    if (existing !== undefined) {
      chmodSync(temporary, existing.mode & 0o777);
      chownSync(temporary, existing.uid, existing.gid);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** The file behind symbolic links, so that replacing it does not replace the link. */
function resolveLinks(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return path;
    throw error;
  }
}

/**
 * Changes a kubeconfig file as kubectl does: under `FILE.lock` (client-go's tools/clientcmd/loader.go), so that no other
 * kubectl's change is lost. `change` gets the text (undefined: no file yet) and returns the new one, or undefined
 * to leave it.
 * @throws Fault `KUBECONFIG_LOCKED`, `KUBECONFIG_UNWRITABLE`
 */
export async function changeLocked(
  path: string,
  change: (text: string | undefined) => string | undefined,
  clock: Clock = systemClock,
): Promise<void> {
  try {
    const lock = await lockFile(path, clock);
    try {
      const text = change(readIfThere(path));
      if (text !== undefined) writeAtomically(resolveLinks(path), text);
    } finally {
      rmSync(lock, { force: true });
    }
  } catch (error) {
    if (error instanceof Fault) throw error;
    throw new Fault({
      code: 'KUBECONFIG_UNWRITABLE',
      message: `cannot write the kubeconfig ${path}: ${messageOf(error)}`,
      advice: 'Check its permissions, or name another file with --kubeconfig.',
      cause: error,
    });
  }
}
