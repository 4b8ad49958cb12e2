import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { Fault } from '../../fault/index.ts';
import { places, type ClusterDirectories } from '../directories.ts';
import type { OnStep } from '../progress.ts';
import type { ClusterAccess, StartMessage } from './messages.ts';

/** The descriptor on which a starting daemon reports. */
export const START_PIPE = 3;

function openLog(directories: ClusterDirectories): number {
  mkdirSync(directories.state, { recursive: true, mode: 0o700 });
  return openSync(places.daemonLog(directories), 'a', 0o600);
}

async function followStart(pipe: Readable, onStep: OnStep): Promise<ClusterAccess | undefined> {
  for await (const line of createInterface({ input: pipe })) {
    const message = JSON.parse(line) as StartMessage;
    if (message.kind === 'step') onStep(message.event);
    else if (message.kind === 'ready') return message.kubeconfig;
    else {
      throw new Fault({
        code: message.code,
        message: message.message,
        ...(message.advice === undefined ? {} : { advice: message.advice }),
      });
    }
  }
  return undefined;
}

/**
 * Starts the daemon of a cluster whose record is written, and waits until the cluster answers.
 * @throws Fault the daemon's own, or `DAEMON_DIED` when it ended without a word.
 */
export async function spawnDaemon(
  directories: ClusterDirectories,
  onStep: OnStep,
): Promise<ClusterAccess> {
  const log = openLog(directories);
  const child = spawn(
    process.execPath,
    [...process.execArgv, join(import.meta.dirname, 'main.ts'), JSON.stringify(directories)],
    { detached: true, stdio: ['ignore', log, log, 'pipe'], cwd: '/' },
  );
  closeSync(log);
  try {
    const access = await followStart(child.stdio[START_PIPE] as Readable, onStep);
    if (access !== undefined) return access;
  } finally {
    child.unref();
    (child.stdio[START_PIPE] as Readable).destroy();
  }
  throw new Fault({
    code: 'DAEMON_DIED',
    message: `the daemon of cluster ${directories.name} ended while it started`,
    advice: `Read its log: ${places.daemonLog(directories)}`,
  });
}
