import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Job } from './job.ts';
import { createKubectl, type Kubectl } from './kubectl.ts';
import { hostInterfaces, tracesOf } from './traces.ts';

/** The repository. */
export const root = join(import.meta.dirname, '..', '..');

/** The oldest kubectl that Portolan serves (1.20), which set-up unpacks for the tests. */
export const oldKubectl = process.env['PORTOLAN_KUBECTL_OLD'];

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

/** A home, a kubeconfig and clusters of one test file's own. */
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
  readonly kubectl: Kubectl = createKubectl(this, 'kubectl');
  readonly #interfaces = hostInterfaces();
  readonly #jobs = new Set<Job>();
  readonly #names = new Set(['portolan']);

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
      // Whoever does not read its input says so by its exit code.
      child.stdin?.on('error', () => {});
      child.stdin?.end(options.input);
    });
  }

  /** Runs a command that must succeed and returns what it prints. */
  async ok(file: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
    const { code, stdout, stderr } = await this.run(file, args, options);
    if (code === 0) return stdout.trimEnd();
    throw new Error(`${file} ${args.join(' ')}: exit code ${code}\n${stdout}${stderr}`);
  }

  /** Starts a command that goes on until it is stopped, by {@link close} at the latest. */
  job(file: string, args: readonly string[]): Job {
    const job = new Job(file, args, { env: this.env });
    this.#jobs.add(job);
    return job;
  }

  portolan(...args: string[]): Promise<string> {
    return this.ok(join(root, 'bin', 'portolan'), args);
  }

  /** What a portolan command leaves behind, whatever its exit code. */
  tryPortolan(...args: string[]): Promise<Outcome> {
    return this.run(join(root, 'bin', 'portolan'), args);
  }

  /** Starts a cluster; without addons unless `args` name some, so that a test sees only what it made. */
  async start(...args: string[]): Promise<string> {
    const named = args.indexOf('--name');
    this.#names.add(named === -1 ? 'portolan' : (args[named + 1] ?? ''));
    const hasAddons = args.includes('--addons');
    return this.portolan('start', ...(hasAddons ? [] : ['--addons', 'none']), ...args);
  }

  /** Waits until all pods that a selector matches are Ready. */
  async ready(selector: string, namespace = 'default'): Promise<void> {
    await until(`a pod with ${selector}`, async () => {
      const names = await this.kubectl('get', 'pod', '-n', namespace, '-l', selector, '-o', 'name');
      return names === '' ? undefined : names;
    });
    await this.kubectl.wait('pod', 'condition=Ready', '-n', namespace, '-l', selector);
  }

  /** Runs a command in a container of a pod; what it prints. */
  exec(pod: string, ...command: string[]): Promise<string> {
    return this.kubectl('exec', pod, '--', ...command);
  }

  /** Deletes all clusters of the home. @throws Error when anything of them is left on the machine */
  async close(): Promise<void> {
    for (const job of this.#jobs) job.kill();
    await Promise.all([...this.#jobs].map((job) => job.ended()));
    await this.portolan('delete', '--all');
    const left = tracesOf(this.home, [...this.#names]);
    const strangers = hostInterfaces().filter((name) => !this.#interfaces.includes(name));
    rmSync(this.home, { recursive: true, force: true });
    if (left.length + strangers.length === 0) return;
    throw new Error(`left behind:\n${[...left, ...strangers].join('\n')}`);
  }
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

/** Calls `read` until what it returns matches. @throws Error with the last text */
export async function untilMatch(
  pattern: RegExp,
  read: () => Promise<string>,
  limitMs = 30_000,
): Promise<RegExpExecArray> {
  let last = '';
  const probe = async (): Promise<RegExpExecArray | undefined> => {
    last = await read();
    return pattern.exec(last) ?? undefined;
  };
  try {
    return await until(String(pattern), probe, limitMs);
  } catch (cause) {
    throw new Error(`never matched ${String(pattern)}:\n${last}`, { cause });
  }
}
