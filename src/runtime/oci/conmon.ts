import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { Fault } from '../../fault/index.ts';
import type { Bundle } from './layout.ts';
import { requestLimitMs, runcMessage, type Runc } from './runc.ts';

interface ConmonOptions {
  readonly id: string;
  readonly bundle: Bundle;
  readonly exits: string;
  readonly runc: Runc;
  readonly logPath: string;
  readonly logSizeBytes: number;
  readonly tty: boolean;
  readonly stdin: boolean;
  readonly stdinOnce: boolean;
  /** How long making the container may take; {@link requestLimitMs} when absent. */
  readonly limitMs?: number;
}

/** Number of the descriptor on which conmon reports (`_OCI_SYNCPIPE`). */
const syncDescriptor = 3;

/**
 * Starts conmon, which creates the container and stays as its parent; resolves with the process number of the
 * container's first process, which waits for `runc start`.
 * @throws Fault `CONTAINER_CANNOT_RUN` with runc's own words, or when conmon does not report in time. Then its
 * processes are still there: they are the caller's to kill.
 */
export async function createWithConmon(options: ConmonOptions): Promise<number> {
  const conmon = spawn('conmon', conmonArguments(options), {
    // conmon leaves its `oom` file in the directory it was started in.
    cwd: options.bundle.directory,
    env: { ...process.env, _OCI_SYNCPIPE: String(syncDescriptor) },
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  });
  const { limitMs = requestLimitMs } = options;
  const report = await readReport(conmon, limitMs);
  if (report === 'late') throw createdTooLate(options, limitMs);
  const { data, message } = report;
  if (data > 0) return data;
  throw cannotRun(runcMessage(message ?? 'conmon ended without a word'));
}

export function cannotRun(message: string, cause?: unknown): Fault {
  return new Fault({
    code: 'CONTAINER_CANNOT_RUN',
    message,
    advice:
      "Check the container's command, args, workingDir and securityContext against its image.",
    ...(cause === undefined ? {} : { cause }),
  });
}

function createdTooLate({ id, bundle, runc }: ConmonOptions, limitMs: number): Fault {
  return new Fault({
    code: 'CONTAINER_CANNOT_RUN',
    message: `container ${id} was not created within ${limitMs / 1000} s: conmon did not report`,
    advice:
      `See what \`${runc.path} create --bundle ${bundle.directory}\` hangs on (strace, /proc/PID/wchan): ` +
      'usually a mount whose server is gone, a frozen cgroup, or a disk that does not answer.',
  });
}

function conmonArguments(options: ConmonOptions): string[] {
  const { id, bundle } = options;
  const valued: Readonly<Record<string, string>> = {
    'api-version': '1',
    cid: id,
    cuuid: id,
    name: id,
    runtime: options.runc.path,
    bundle: bundle.directory,
    'container-pidfile': bundle.containerPid,
    'conmon-pidfile': bundle.conmonPid,
    'log-path': `k8s-file:${options.logPath}`,
    'log-size-max': String(options.logSizeBytes),
    'exit-dir': options.exits,
  };
  return [
    ...Object.entries(valued).map(([name, value]) => `--${name}=${value}`),
    '--full-attach',
    '--no-sync-log',
    ...(options.tty ? ['--terminal'] : []),
    ...(options.stdin ? ['--stdin'] : []),
    ...(options.stdin && !options.stdinOnce ? ['--leave-stdin-open'] : []),
    ...options.runc.globalArguments.flatMap((argument) => ['--runtime-arg', argument]),
  ];
}

interface Report {
  /** The container's process number; negative when it could not be created. */
  readonly data: number;
  readonly message?: string;
}

/**
 * Reads the one JSON line that conmon writes. Its first process is gone by then: it has become a daemon.
 * @returns 'late' when it has not come after `limitMs`
 */
async function readReport(conmon: ChildProcess, limitMs: number): Promise<Report | 'late'> {
  const report = conmon.stdio[syncDescriptor] as Readable;
  let complaint = '';
  conmon.stderr?.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
  const failure = new Promise<Report>((resolve) => {
    conmon.on('error', (error) => resolve({ data: -1, message: error.message }));
  });
  const { promise: limit, resolve: expire } = Promise.withResolvers<'late'>();
  const timer = setTimeout(expire, limitMs, 'late');
  try {
    return await Promise.race([failure, limit, firstLine(report, () => complaint)]);
  } finally {
    clearTimeout(timer);
    // The daemon keeps its end open for as long as it lives; ours must not keep this process.
    report.destroy();
    conmon.stderr?.destroy();
    conmon.unref();
  }
}

async function firstLine(stream: Readable, complaint: () => string): Promise<Report> {
  for await (const line of createInterface({ input: stream })) return JSON.parse(line) as Report;
  return { data: -1, message: complaint() };
}
