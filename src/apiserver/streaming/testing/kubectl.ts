import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { accessSync, constants, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

/** One kubectl on this machine. */
export interface Kubectl {
  readonly name: string;
  /** Absolute path, or why there is none. */
  readonly path?: string;
  readonly skip: string | false;
}

/** The current kubectl (WebSocket) and one before 1.31 (SPDY), where the machine has them. */
export const kubectls: readonly Kubectl[] = [
  found('kubectl on PATH', onPath(), 'no kubectl on PATH'),
  found(
    'old kubectl',
    process.env['PORTOLAN_KUBECTL_OLD'],
    'PORTOLAN_KUBECTL_OLD names no kubectl older than 1.31',
  ),
];

function found(name: string, path: string | undefined, reason: string): Kubectl {
  return path === undefined ? { name, skip: reason } : { name, path, skip: false };
}

function onPath(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders.map((folder) => join(folder, 'kubectl')).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export interface Outcome {
  readonly code: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** Where kubectl keeps its caches during the tests; removed by the test that made it. */
export function makeHome(): string {
  return mkdtempSync(join(tmpdir(), 'portolan-kubectl-'));
}

/** Starts kubectl against `url` without any kubeconfig of the user's. */
export function startKubectl(
  kubectl: Kubectl,
  options: { readonly url: string; readonly home: string },
  args: readonly string[],
): ChildProcessWithoutNullStreams {
  const env = { ...process.env, HOME: options.home, KUBECONFIG: join(options.home, 'none') };
  const flags = [`--server=${options.url}`, '--insecure-skip-tls-verify=true'];
  return spawn(kubectl.path ?? 'kubectl', [...flags, ...args], { env });
}

/** Resolves with everything that the process printed, once it has exited. */
export async function outcomeOf(
  child: ChildProcessWithoutNullStreams,
  input?: Buffer | string,
): Promise<Outcome> {
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const [stdout, stderr, code] = await Promise.all([
    collect(child.stdout),
    collect(child.stderr),
    new Promise<number | null>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', resolve);
    }),
  ]);
  return { code, stdout, stderr: stderr.toString() };
}

async function collect(stream: NodeJS.ReadableStream): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) {
    chunks.push(Buffer.from(chunk));
  }
  return Buffer.concat(chunks);
}
