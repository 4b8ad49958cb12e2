// The daemon of one cluster: `node main.ts DIRECTORIES`, with descriptor 3 open for its report.
import { createWriteStream } from 'node:fs';
import { mkdirSync } from 'node:fs';
import { Fault, messageOf } from '../../fault/index.ts';
import type { ClusterDirectories } from '../directories.ts';
import { readRecord } from '../record.ts';
import { runCluster, type RunningCluster } from '../run.ts';
import { listenForControl } from './control.ts';
import { writeDaemonIdentity } from './identity.ts';
import type { StartMessage } from './messages.ts';
import { START_PIPE } from './spawn.ts';

function log(text: string): void {
  process.stderr.write(`${new Date().toISOString()} ${text}\n`);
}

const pipe = createWriteStream('', { fd: START_PIPE });
// Whoever started us may be gone before we are done: that is no reason to stop.
pipe.on('error', () => {});

function report(message: StartMessage): void {
  pipe.write(`${JSON.stringify(message)}\n`);
}

function failure(error: unknown): StartMessage {
  if (!(error instanceof Fault)) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { kind: 'failed', code: 'INTERNAL', message: text };
  }
  return {
    kind: 'failed',
    code: error.code,
    message: error.message,
    ...(error.advice === undefined ? {} : { advice: error.advice }),
  };
}

async function serve(directories: ClusterDirectories): Promise<void> {
  const record = readRecord(directories);
  if (record === undefined) throw new TypeError(`${directories.state} has no record`);
  mkdirSync(directories.run, { recursive: true, mode: 0o700 });
  writeDaemonIdentity(directories);
  const cluster = await runCluster({
    directories,
    record,
    onStep: (event) => report({ kind: 'step', event }),
    log,
  });
  const server = await listenForControl(directories, {
    status: () => cluster.status(),
    stop: () => end(cluster),
  });
  const leave = (): void => {
    server.close();
    server.closeAllConnections();
    process.exit(0);
  };
  async function end(running: RunningCluster): Promise<void> {
    await running.shutDown();
    await running.close();
    // The answer to the one who asked must be on its way first.
    setImmediate(() => setTimeout(leave, 10));
  }
  // A signal ends the daemon alone: pods go on, and the next start takes them over.
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => void cluster.close().finally(leave));
  }
  process.on('SIGHUP', () => {});
  report({ kind: 'ready', kubeconfig: cluster.access });
  pipe.end();
}

process.on('uncaughtException', (error) => log(`uncaught: ${error.stack ?? error.message}`));
process.on('unhandledRejection', (error) => log(`unhandled: ${messageOf(error)}`));

try {
  await serve(JSON.parse(process.argv[2] ?? '{}') as ClusterDirectories);
} catch (error) {
  log(messageOf(error));
  report(failure(error));
  pipe.end(() => process.exit(1));
}
