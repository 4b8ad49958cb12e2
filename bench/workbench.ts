import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createHttpClient, loadContext, type ClosableClient } from '../src/client/index.ts';

const root = join(import.meta.dirname, '..');
const portolan = join(root, 'bin', 'portolan');
const execute = promisify(execFile);

/** A home, a kubeconfig and a kubectl cache of the benchmarks' own: nothing of the user's is touched. */
export interface Workbench extends Disposable {
  readonly home: string;
  /** For every command that is to see the cluster. */
  readonly env: NodeJS.ProcessEnv;
  /** Runs `bin/portolan` and returns what it prints. */
  readonly portolan: (...args: string[]) => Promise<string>;
  readonly kubectl: (...args: string[]) => Promise<string>;
  /** Makes a fresh cluster, runs `body`, deletes the cluster, also when `body` fails. */
  withCluster<T>(args: readonly string[], body: (cluster: BenchCluster) => Promise<T>): Promise<T>;
}

/** A running cluster, by the ways in that do not cost a process. */
export interface BenchCluster {
  /** Over HTTP, as any program has it. */
  readonly client: ClosableClient;
  /** Pins of the network namespaces. */
  readonly nodePin: (name: string) => string;
  readonly podPin: (uid: string) => string;
  /** The world outside the nodes, which has a route to every pod. */
  readonly fabricPin: string;
}

function openCluster(home: string, env: NodeJS.ProcessEnv): BenchCluster {
  const namespaces = join(home, 'run', 'portolan', 'ns');
  return {
    client: createHttpClient(loadContext({ env }).options),
    nodePin: (name) => join(namespaces, `node-${name}`),
    podPin: (uid) => join(namespaces, `${uid}-net`),
    fabricPin: join(namespaces, 'fabric'),
  };
}

/** Opens a workbench; the machine must be set up. Its end deletes every cluster that is left in it. */
export function openWorkbench(): Workbench {
  const home = mkdtempSync(join(tmpdir(), 'portolan-bench-'));
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    // kubectl keeps what it learned of a server in HOME; no bench may profit from another's, or from the user's.
    HOME: home,
    PORTOLAN_HOME: home,
    KUBECONFIG: join(home, 'kubeconfig'),
  };
  const call = async (file: string, args: readonly string[]): Promise<string> =>
    (await execute(file, args, { env })).stdout.trim();
  return {
    home,
    env,
    portolan: (...args) => call(portolan, args),
    kubectl: (...args) => call('kubectl', args),
    async withCluster(args, body) {
      // What fails while cleaning up must not hide why: a stack keeps both.
      await using cleanup = new AsyncDisposableStack();
      cleanup.defer(async () => void (await call(portolan, ['delete'])));
      await call(portolan, ['start', ...args]);
      const cluster = openCluster(home, env);
      cleanup.defer(() => cluster.client.close());
      return await body(cluster);
    },
    [Symbol.dispose]() {
      execFileSync(portolan, ['delete', '--all'], { env, stdio: ['ignore', 'ignore', 'inherit'] });
      rmSync(home, { recursive: true, force: true });
    },
  };
}
