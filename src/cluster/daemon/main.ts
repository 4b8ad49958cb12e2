// The daemon of one cluster: `node main.ts DIRECTORIES`, with descriptor 3 open for its report.
import { mkdirSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { createKernel } from '../../kernel/index.ts';
import { writeAccess } from '../access.ts';
import { places, type ClusterDirectories } from '../directories.ts';
import { hasLiveNetwork } from '../pins.ts';
import { purgeRemains } from '../purge.ts';
import { readRecord } from '../record.ts';
import { runCluster, type RunningCluster } from '../run.ts';
import { listenForControl } from './control.ts';
import { writeDaemonIdentity } from './identity.ts';
import { DaemonLog } from './log.ts';
import { traceOf } from './source-stack.ts';
import { StartPipe } from './start-pipe.ts';

const STDERR = 2;
const directories = JSON.parse(process.argv[2] ?? '{}') as ClusterDirectories;
const daemonLog = new DaemonLog({ descriptor: STDERR, path: places.daemonLog(directories) });
const log = (text: string): void => daemonLog.write(text);

function fail(error: unknown): void {
  log(traceOf(error));
}

/**
 * What nobody caught (an unhandled rejection too, node:process) leaves the daemon in a state that nobody thought of: going on
 * might program wrong rules or acknowledge what is not stored. So it ends, which is safe - pods go on, the store has
 * every acknowledged write - and visible: `portolan status` says so, and the next start takes over.
 */
process.on('uncaughtException', (error) => {
  log(`fatal: ${traceOf(error)}`);
  process.exit(1);
});

/** Nobody waits for this start any more (Ctrl-C): what is half done is undone by the next start or delete. */
const pipe = new StartPipe(() => {
  log('the start was abandoned');
  process.exit(1);
});

async function end(cluster: RunningCluster): Promise<void> {
  await cluster.shutDown();
  await cluster.close();
}

async function serve(): Promise<void> {
  const record = readRecord(directories);
  if (record === undefined) throw new TypeError(`${directories.state} has no record`);
  if (!hasLiveNetwork(directories, record)) await purgeRemains(createKernel(), directories);
  mkdirSync(directories.run, { recursive: true, mode: 0o700 });
  writeDaemonIdentity(directories, process.pid);
  const cluster = await runCluster({
    directories,
    record,
    onStep: (event) => pipe.tell({ kind: 'step', event }),
    log,
  });
  writeAccess(directories, cluster.access);
  await listenForControl(directories, {
    status: () => cluster.status(),
    stop: () => end(cluster),
    afterStop: () => process.exit(0),
    flows: () => cluster.policies?.flows,
    provePolicies: async () => (await cluster.policies?.prove()) ?? [],
  });
  // A signal ends the daemon alone: pods go on, and the next start takes them over.
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(
      signal,
      () =>
        void cluster
          .close()
          .catch(fail)
          .finally(() => process.exit(0)),
    );
  }
  process.on('SIGHUP', () => {});
  pipe.tell({ kind: 'ready' });
  // Node writes its cache of compiled code when it exits; a daemon is killed instead.
  flushCompileCache();
}

try {
  await serve();
} catch (error) {
  fail(error);
  await pipe.fail(error);
  process.exit(1);
}
