import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

/** One kubectl on this machine. */
export interface Kubectl {
  readonly name: string;
  /** Absolute path, or why there is none. */
  readonly path?: string;
  readonly skip: string | false;
  /** What it puts into the `Upgrade` header. */
  readonly protocol: 'websocket' | 'spdy/3.1';
}

/** The current kubectl (WebSocket) and one before 1.31 (SPDY), where the machine has them. */
export const kubectls: readonly Kubectl[] = [
  {
    name: 'kubectl on PATH',
    protocol: 'websocket',
    ...found(onPath(), 'no kubectl on PATH'),
  },
  {
    name: 'old kubectl',
    protocol: 'spdy/3.1',
    ...found(
      process.env['PORTOLAN_KUBECTL_OLD'],
      'PORTOLAN_KUBECTL_OLD names no kubectl older than 1.31',
    ),
  },
];

function found(path: string | undefined, reason: string): Pick<Kubectl, 'path' | 'skip'> {
  return path === undefined ? { skip: reason } : { path, skip: false };
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

/** A temporary folder with a kubeconfig, so that no file of the user's plays a part. */
export interface Session {
  readonly kubectl: Kubectl;
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
}

export function openSession(kubectl: Kubectl, url: string): Session {
  const home = mkdtempSync(join(tmpdir(), 'portolan-kubectl-'));
  const kubeconfig = join(home, 'config');
  const cluster = { name: 'local', cluster: { server: url, 'insecure-skip-tls-verify': true } };
  // Without credentials kubectl asks for a password as soon as there is TLS.
  const user = { name: 'local', user: { token: 'local' } };
  const context = { name: 'local', context: { cluster: 'local', user: 'local' } };
  const entries = { clusters: [cluster], users: [user], contexts: [context] };
  const config = { kind: 'Config', apiVersion: 'v1', ...entries, 'current-context': 'local' };
  writeFileSync(kubeconfig, JSON.stringify(config));
  return { kubectl, home, env: { ...process.env, HOME: home, KUBECONFIG: kubeconfig } };
}

export function closeSession(session: Session): void {
  rmSync(session.home, { recursive: true });
}

export function startKubectl(
  { kubectl, env }: Session,
  args: readonly string[],
): ChildProcessWithoutNullStreams {
  return spawn(kubectl.path ?? 'kubectl', args, { env });
}

/** Starts kubectl on a terminal of its own (`script` of util-linux), of the given size. */
export function startOnTerminal(
  { kubectl, env }: Session,
  size: { readonly rows: number; readonly cols: number },
  args: readonly string[],
): ChildProcessWithoutNullStreams {
  const command = [kubectl.path, ...args].join(' ');
  const script = `stty rows ${size.rows} cols ${size.cols}; exec ${command}`;
  return spawn('script', ['-qec', script, '/dev/null'], { env });
}

/** Resolves with the first match in what the stream says from now on; rejects when it ends without one. */
export async function waitFor(
  stream: NodeJS.ReadableStream,
  pattern: RegExp,
): Promise<RegExpExecArray> {
  let seen = '';
  return new Promise((resolve, reject) => {
    const look = (chunk: Buffer): void => {
      seen += chunk.toString();
      const match = pattern.exec(seen);
      if (match !== null) {
        stream.off('data', look);
        // Whatever comes later must not block the process.
        stream.resume();
        resolve(match);
      }
    };
    stream.on('data', look);
    stream.once('end', () => reject(new Error(`no ${pattern} in ${JSON.stringify(seen)}`)));
  });
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
