import { execFile, execFileSync, type ExecFileSyncOptions } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const portolan = join(import.meta.dirname, '..', 'bin', 'portolan');
const run = promisify(execFile);

/** A home and a kubeconfig of the benchmarks' own: no cluster of the user's is touched. */
export interface Workbench {
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
  /** Runs `bin/portolan` and returns what it prints. */
  portolan(...args: string[]): string;
  kubectl(...args: string[]): string;
  kubectlAsync(...args: string[]): Promise<string>;
  /** Makes a fresh cluster, runs `body`, deletes the cluster. */
  withCluster<T>(args: readonly string[], body: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** Opens a workbench; the machine must be set up. */
export async function openWorkbench(): Promise<Workbench> {
  const home = mkdtempSync(join(tmpdir(), 'portolan-bench-'));
  const env = { ...process.env, PORTOLAN_HOME: home, KUBECONFIG: join(home, 'kubeconfig') };
  const options: ExecFileSyncOptions = { env, stdio: ['ignore', 'pipe', 'pipe'] };
  const call = (file: string, args: readonly string[]): string =>
    String(execFileSync(file, args, options)).trim();
  return {
    home,
    env,
    portolan: (...args) => call(portolan, args),
    kubectl: (...args) => call('kubectl', args),
    kubectlAsync: async (...args) => (await run('kubectl', args, { env })).stdout.trim(),
    async withCluster(args, body) {
      call(portolan, ['start', ...args]);
      try {
        return await body();
      } finally {
        call(portolan, ['delete']);
      }
    },
    async close() {
      call(portolan, ['delete', '--all']);
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** Calls `probe` until it returns something, every `everyMs`; gives up after `limitMs`. */
export async function until<T>(
  probe: () => Promise<T | undefined> | T | undefined,
  { everyMs = 5, limitMs = 60_000 } = {},
): Promise<T> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const found = await probe();
    if (found !== undefined) return found;
    if (performance.now() > deadline) throw new Error(`nothing came of it in ${limitMs} ms`);
    await new Promise((resolve) => {
      setTimeout(resolve, everyMs);
    });
  }
}
