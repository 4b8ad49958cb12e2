import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');

/** What a command left behind. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly input?: string | Buffer;
  readonly env?: NodeJS.ProcessEnv;
  /** Milliseconds after which the command is killed; a minute when absent. */
  readonly timeout?: number;
}

/** A home, a kubeconfig and a cluster of one test file's own. */
export class TestCluster {
  readonly home = mkdtempSync(join(tmpdir(), 'portolan-e2e-'));
  readonly kubeconfig = join(this.home, 'kubeconfig');
  readonly env: NodeJS.ProcessEnv = {
    ...process.env,
    PORTOLAN_HOME: this.home,
    KUBECONFIG: this.kubeconfig,
    HOME: this.home,
    NO_COLOR: '1',
  };

  /** Runs a command to its end, whatever its exit code. */
  async run(file: string, args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
    return new Promise((resolve) => {
      const child = execFile(
        file,
        [...args],
        {
          env: { ...this.env, ...options.env },
          timeout: options.timeout ?? 60_000,
          maxBuffer: 64 * 1024 * 1024,
        },
        (error, stdout, stderr) => {
          const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
          resolve({ code, stdout, stderr });
        },
      );
      child.stdin?.end(options.input);
    });
  }

  /** Runs a command that must succeed and returns what it prints. */
  async ok(file: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
    const { code, stdout, stderr } = await this.run(file, args, options);
    if (code === 0) return stdout.trimEnd();
    throw new Error(`${file} ${args.join(' ')}: exit code ${code}\n${stdout}${stderr}`);
  }

  portolan(...args: string[]): Promise<string> {
    return this.ok(join(root, 'bin', 'portolan'), args);
  }

  kubectl(...args: string[]): Promise<string> {
    return this.ok('kubectl', args);
  }

  /** The combined output of a kubectl that must fail. */
  async kubectlFails(args: readonly string[], options: RunOptions = {}): Promise<string> {
    const { code, stdout, stderr } = await this.run('kubectl', args, options);
    if (code !== 0) return stderr.trimEnd();
    throw new Error(`kubectl ${args.join(' ')} succeeded:\n${stdout}`);
  }

  /** Applies a manifest. */
  apply(manifest: string): Promise<string> {
    return this.ok('kubectl', ['apply', '-f', '-'], { input: manifest });
  }

  /** Waits until all pods that a selector matches are Ready. */
  async ready(selector: string, namespace = 'default'): Promise<void> {
    await this.kubectl(
      'wait',
      '-n',
      namespace,
      '--for=condition=Ready',
      'pod',
      '-l',
      selector,
      '--timeout=60s',
    );
  }

  /** A command that goes on in the background; end it by its `kill`. */
  background(file: string, args: readonly string[]): ChildProcess {
    return spawn(file, [...args], { env: this.env, stdio: ['ignore', 'pipe', 'pipe'] });
  }

  start(...args: string[]): Promise<string> {
    return this.portolan('start', ...args);
  }

  async close(): Promise<void> {
    await this.portolan('delete', '--all');
    const left = tracesOf(this.home);
    rmSync(this.home, { recursive: true, force: true });
    if (left.length > 0) throw new Error(`left behind:\n${left.join('\n')}`);
  }
}

/** What a deleted cluster must not leave on the machine: mounts below its home. */
export function tracesOf(home: string): string[] {
  return readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((line) => line.includes(home));
}

/** Calls `probe` until it returns something. */
export async function until<T>(
  what: string,
  probe: () => Promise<T | undefined> | T | undefined,
  limitMs = 30_000,
): Promise<T> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const found = await probe();
    if (found !== undefined) return found;
    if (performance.now() > deadline) throw new Error(`${what}: not within ${limitMs} ms`);
    await new Promise((resolve) => {
      setTimeout(resolve, 50);
    });
  }
}
