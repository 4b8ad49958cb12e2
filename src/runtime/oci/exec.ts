import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, watch, type FSWatcher } from 'node:fs';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { Fault } from '../../fault/index.ts';
import { readTextFile } from '../../files/index.ts';
import { signalPid } from '../process-identity.ts';
import type { ContainerStreams } from '../runtime.ts';
import { runcMessage, type Runc } from './runc.ts';
import { openTerminal } from './terminal.ts';

export interface ExecTarget {
  readonly runc: Runc;
  /** Where runc's files of this command may be put. */
  readonly directory: string;
  readonly id: string;
  readonly command: readonly string[];
}

export interface ExecResult {
  readonly code: number;
  readonly output: string;
}

/** Until the client tells its own. */
const defaultSize = { width: 80, height: 24 };

/** As the kubelet keeps of a probe's output. */
const probeOutputBytes = 10 * 1024;

/** How long a probe's output may take to come after its end: it ends late where something in the background holds it. */
const lateOutputMs = 1000;

/**
 * Runs a command in a running container. Resolves with its exit code after the last byte was written.
 * @throws Fault `EXEC_FAILED` with runc's words when the command could not be started.
 */
export async function execInContainer(
  target: ExecTarget,
  streams: ContainerStreams,
): Promise<number> {
  const session = new ExecSession(target);
  const abort = (): void => session.kill();
  try {
    const code = streams.tty ? session.runWithTerminal(streams) : session.runWithPipes(streams);
    streams.signal?.addEventListener('abort', abort, { once: true });
    if (streams.signal?.aborted === true) abort();
    return await code;
  } finally {
    streams.signal?.removeEventListener('abort', abort);
    session.close();
  }
}

/** Runs a command without input; kills it after `timeoutMs`. @throws Fault `EXEC_TIMEOUT`, `EXEC_FAILED`. */
export async function execToEnd(target: ExecTarget, timeoutMs: number): Promise<ExecResult> {
  const session = new ExecSession(target);
  const timer = setTimeout(() => session.kill(), timeoutMs);
  try {
    const result = await session.runCollecting();
    if (session.isKilled) throw execTimeout(target.command, timeoutMs);
    return result;
  } finally {
    clearTimeout(timer);
    session.close();
  }
}

function execTimeout(command: readonly string[], timeoutMs: number): Fault {
  return new Fault({
    code: 'EXEC_TIMEOUT',
    message: `command "${command.join(' ')}" timed out after ${timeoutMs / 1000} s`,
    advice: "Raise the probe's timeoutSeconds or make the command faster.",
  });
}

/** One `runc exec` with the files by which it tells what it did. */
class ExecSession {
  readonly #target: ExecTarget;
  readonly #directory: string;
  #runc: ChildProcess | undefined;
  #isKilled = false;
  #watcher: FSWatcher | undefined;

  constructor(target: ExecTarget) {
    this.#target = target;
    this.#directory = mkdtempSync(join(target.directory, 'exec-'));
  }

  async runWithPipes(streams: ContainerStreams): Promise<number> {
    const isInteractive = streams.stdin !== undefined;
    const runc = this.#spawn([isInteractive ? 'pipe' : 'ignore', 'pipe', 'pipe'], []);
    if (streams.stdin !== undefined && runc.stdin !== null) feed(streams.stdin, runc.stdin);
    const outputs = [pump(runc.stdout, streams.stdout), pump(runc.stderr, streams.stderr)];
    const code = await this.#exitCode(runc);
    if (runc.stdin !== null) streams.stdin?.unpipe(runc.stdin);
    await Promise.all(outputs);
    return code;
  }

  async runWithTerminal(streams: ContainerStreams): Promise<number> {
    const terminal = openTerminal();
    terminal.resize(defaultSize);
    streams.onResize?.((size) => {
      terminal.resize(size);
      // The terminal is not runc's controlling one, so the kernel does not tell it.
      this.#runc?.kill('SIGWINCH');
    });
    const runc = this.#spawn([terminal.slave, terminal.slave, terminal.slave], ['--tty']);
    terminal.closeSlave();
    const output = pump(terminal.master, streams.stdout);
    streams.stdin?.pipe(terminal.master, { end: false });
    try {
      const code = await this.#exitCode(runc);
      await output;
      return code;
    } finally {
      streams.stdin?.unpipe(terminal.master);
      terminal.master.destroy();
    }
  }

  async runCollecting(): Promise<ExecResult> {
    const runc = this.#spawn(['ignore', 'pipe', 'pipe'], []);
    let output = '';
    const collect = (chunk: Buffer): void => {
      if (output.length < probeOutputBytes) output += chunk.toString();
    };
    runc.stdout?.on('data', collect);
    runc.stderr?.on('data', collect);
    const closed = once(runc, 'close');
    const code = await this.#exitCode(runc);
    await Promise.race([closed, delay(lateOutputMs, undefined, { ref: false })]);
    return { code, output: output.slice(0, probeOutputBytes) };
  }

  get isKilled(): boolean {
    return this.#isKilled;
  }

  /** Kills the command and its process group (runc makes it the leader of one), as soon as its number is known. */
  kill(): void {
    this.#isKilled = true;
    if (this.#killStarted()) return;
    // runc writes the number a moment after the command began to run.
    this.#watcher = watch(this.#directory, () => this.#killStarted());
    this.#killStarted();
  }

  close(): void {
    this.#watcher?.close();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  #killStarted(): boolean {
    const pid = this.#startedPid();
    if (pid === undefined) return false;
    if (!signalPid(-pid, 'SIGKILL')) signalPid(pid, 'SIGKILL');
    // runc itself would wait for whoever else holds the output.
    this.#runc?.kill('SIGKILL');
    this.#runc?.stdout?.destroy();
    this.#runc?.stderr?.destroy();
    return true;
  }

  #spawn(stdio: StdioOptions, flags: readonly string[]): ChildProcess {
    const { runc, id, command } = this.#target;
    const files = ['--log', this.#logFile, '--log-format', 'json', ...runc.globalArguments];
    const runcExec = ['exec', ...flags, '--pid-file', this.#pidFile, id, ...command];
    this.#runc = spawn(runc.path, [...files, ...runcExec], { stdio });
    return this.#runc;
  }

  async #exitCode(runc: ChildProcess): Promise<number> {
    const [code] = (await once(runc, 'exit')) as [number | null];
    if (this.#startedPid() === undefined && !this.#isKilled) throw this.#startFault();
    return code ?? 137;
  }

  #startFault(): Fault {
    return new Fault({
      code: 'EXEC_FAILED',
      message: `OCI runtime exec failed: ${runcMessage(readTextFile(this.#logFile) ?? '')}`,
      advice: 'Name a command that the image has.',
    });
  }

  /** The command's process number. */
  #startedPid(): number | undefined {
    const text = readTextFile(this.#pidFile);
    return text === undefined || text === '' ? undefined : Number(text);
  }

  get #pidFile(): string {
    return join(this.#directory, 'pid');
  }

  get #logFile(): string {
    return join(this.#directory, 'log');
  }
}

/** Copies input; a command that does not read to the end closes its side, which is no failure. */
function feed(from: Readable, to: Writable): void {
  to.on('error', () => from.unpipe(to));
  from.pipe(to);
}

/** Copies output to its end; reads on when the client is gone, so that the command is not blocked by it. */
function pump(from: Readable | null, to: Writable | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (from === null) return resolve();
    from.once('close', resolve);
    if (to === undefined || to.destroyed) {
      from.resume();
      return undefined;
    }
    to.once('close', () => from.resume());
    from.pipe(to, { end: false });
    return undefined;
  });
}
