import type { Job } from './job.ts';
import type { Outcome, RunOptions } from './harness.ts';

/** How a cluster runs commands; {@link TestCluster} is one. */
interface Runner {
  run(file: string, args: readonly string[], options?: RunOptions): Promise<Outcome>;
  ok(file: string, args: readonly string[], options?: RunOptions): Promise<string>;
  job(file: string, args: readonly string[]): Job;
}

/** One kubectl binary, talking to one cluster. Called, it must succeed and returns what it prints. */
export interface Kubectl {
  (...args: string[]): Promise<string>;
  readonly file: string;
  run(args: readonly string[], options?: RunOptions): Promise<Outcome>;
  /** Must succeed with this on its standard input. */
  fed(input: string | Buffer, ...args: string[]): Promise<string>;
  /** Must fail; what it says on stderr. */
  fails(...args: string[]): Promise<string>;
  apply(manifest: string): Promise<string>;
  /** Applies what must be refused; what it says on stderr. */
  applyFails(manifest: string): Promise<string>;
  /** The value at a jsonpath, e.g. `read('{.spec.clusterIP}', 'service', 'web')`. */
  read(path: string, ...args: string[]): Promise<string>;
  /** Waits until `kubectl wait` sees it. */
  wait(what: string, condition: string, ...args: string[]): Promise<string>;
  /** Goes on in the background. */
  job(...args: string[]): Job;
  /** Goes on in the background, on a terminal of its own. */
  terminal(...args: string[]): Job;
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

async function failing(runner: Runner, file: string, args: readonly string[], input?: string) {
  const options = input === undefined ? {} : { input };
  const { code, stdout, stderr } = await runner.run(file, args, options);
  if (code !== 0) return stderr.trimEnd();
  throw new Error(`${file} ${args.join(' ')} succeeded:\n${stdout}`);
}

export function createKubectl(runner: Runner, file: string): Kubectl {
  const call = (...args: string[]): Promise<string> => runner.ok(file, args);
  return Object.assign(call, {
    file,
    run: (args: readonly string[], options?: RunOptions) => runner.run(file, args, options),
    fed: (input: string | Buffer, ...args: string[]) => runner.ok(file, args, { input }),
    fails: (...args: string[]) => failing(runner, file, args),
    apply: (manifest: string) => runner.ok(file, ['apply', '-f', '-'], { input: manifest }),
    applyFails: (manifest: string) => failing(runner, file, ['apply', '-f', '-'], manifest),
    read: (path: string, ...args: string[]) => call('get', ...args, '-o', `jsonpath=${path}`),
    wait: (what: string, condition: string, ...args: string[]) =>
      call('wait', what, `--for=${condition}`, '--timeout=60s', ...args),
    job: (...args: string[]) => runner.job(file, args),
    // util-linux's script gives the command a pseudo terminal and passes our pipe on as what is typed.
    terminal: (...args: string[]) => {
      const line = [file, ...args].map(quoted).join(' ');
      return runner.job('script', ['-q', '-e', '-f', '-c', line, '/dev/null']);
    },
  });
}
