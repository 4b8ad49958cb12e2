import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { Fault } from '../../fault/index.ts';
import type { Bundle } from './layout.ts';
import { runcMessage, type Runc } from './runc.ts';

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
}

/** Number of the descriptor on which conmon reports (`_OCI_SYNCPIPE`). */
const syncDescriptor = 3;

/**
 * Starts conmon, which creates the container and stays as its parent; resolves with the process number of the
 * container's first process, which waits for `runc start`.
 * @throws Fault `CONTAINER_CANNOT_RUN` with runc's own words.
 */
export async function createWithConmon(options: ConmonOptions): Promise<number> {
  const conmon = spawn('conmon', conmonArguments(options), {
    // conmon leaves its `oom` file in the directory it was started in.
    cwd: options.bundle.directory,
    env: { ...process.env, _OCI_SYNCPIPE: String(syncDescriptor) },
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  });
  const { data, message } = await readReport(conmon);
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

/** Reads the one JSON line that conmon writes. Its first process is gone by then: it has become a daemon. */
async function readReport(conmon: ChildProcess): Promise<Report> {
  const report = conmon.stdio[syncDescriptor] as Readable;
  let complaint = '';
  conmon.stderr?.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
  const failure = new Promise<Report>((resolve) => {
    conmon.on('error', (error) => resolve({ data: -1, message: error.message }));
  });
  try {
    return await Promise.race([failure, firstLine(report, () => complaint)]);
  } finally {
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
