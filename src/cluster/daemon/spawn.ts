import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, fstatSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { Fault } from '../../fault/index.ts';
import { places, type ClusterDirectories } from '../directories.ts';
import type { OnStep } from '../progress.ts';
import { freshBundle } from './bundle.ts';
import { killDaemon, writeDaemonIdentity } from './identity.ts';
import { lastLines } from './log.ts';
import type { StartMessage } from './messages.ts';
import { START_PIPE } from './start-pipe.ts';

/** A start takes half a second, on a slow and busy machine some; a daemon that needs longer than this hangs. */
const START_LIMIT_MS = 60_000;
const SHOWN_LINES = 15;
/** As in `bin/portolan`: node:sqlite is experimental, and the log is not the place to say so. */
const NODE_OPTIONS = ['--disable-warning=ExperimentalWarning'];

/** Quicker as one file; but always what the sources say. */
function daemonProgram(): string {
  const bundle = freshBundle();
  return bundle === undefined ? join(import.meta.dirname, 'main.ts') : join(bundle, 'daemon.mjs');
}

export interface SpawnOptions {
  /** The daemon's program; for tests. */
  readonly program?: string;
  readonly limitMs?: number;
}

/** The daemon's process and where its part of the log begins. */
interface Spawned {
  readonly child: ChildProcess;
  readonly logStart: number;
}

function launch(directories: ClusterDirectories, program: string): Spawned {
  mkdirSync(directories.state, { recursive: true, mode: 0o700 });
  const log = openSync(places.daemonLog(directories), 'a', 0o600);
  try {
    const logStart = fstatSync(log).size;
    const child = spawn(process.execPath, [...NODE_OPTIONS, program, JSON.stringify(directories)], {
      detached: true,
      stdio: ['ignore', log, log, 'pipe'],
      cwd: '/',
    });
    // At once, not by the daemon when it has loaded: whatever happens to us now, it can be found.
    if (child.pid !== undefined) writeDaemonIdentity(directories, child.pid);
    return { child, logStart };
  } finally {
    closeSync(log);
  }
}

/** Reads the report. @returns whether the cluster is ready; false when the report ends without a word */
async function follow(report: Readable, onStep: OnStep, signal: AbortSignal): Promise<boolean> {
  for await (const line of createInterface({ input: report, signal })) {
    const message = JSON.parse(line) as StartMessage;
    if (message.kind === 'step') onStep(message.event);
    else if (message.kind === 'ready') return true;
    else {
      throw new Fault({
        code: message.code,
        message: message.message,
        ...(message.advice === undefined ? {} : { advice: message.advice }),
      });
    }
  }
  return false;
}

/** What a daemon wrote before it failed, for the eyes of whoever started it. */
function withLog(directories: ClusterDirectories, logStart: number, what: string): string {
  const path = places.daemonLog(directories);
  const lines = lastLines(path, logStart, SHOWN_LINES);
  if (lines.length === 0) return `${what}; it wrote nothing to ${path}`;
  return [`${what}; the last lines of ${path}:`, ...lines.map((line) => `    ${line}`)].join('\n');
}

/**
 * Starts the daemon of a cluster whose record is written, and waits until the cluster answers.
 * @throws Fault the daemon's own, `DAEMON_DIED` when it ended without a word, `START_TIMEOUT` when it hung and was killed.
 */
export async function spawnDaemon(
  directories: ClusterDirectories,
  onStep: OnStep,
  options: SpawnOptions = {},
): Promise<void> {
  const { program = daemonProgram(), limitMs = START_LIMIT_MS } = options;
  const { child, logStart } = launch(directories, program);
  const report = child.stdio[START_PIPE] as Readable;
  const late = AbortSignal.timeout(limitMs);
  try {
    if (await follow(report, onStep, late)) return;
  } finally {
    child.unref();
    report.destroy();
  }
  await killDaemon(directories);
  const what = late.aborted
    ? `the daemon did not come up within ${limitMs / 1000} s and was ended`
    : 'the daemon ended while it started';
  throw new Fault({
    code: late.aborted ? 'START_TIMEOUT' : 'DAEMON_DIED',
    message: withLog(directories, logStart, what),
    advice: 'Examine the machine with "portolan doctor", then start again.',
  });
}
