import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';

export interface JobOptions {
  readonly env: NodeJS.ProcessEnv;
}

/** A command that goes on in the background while the test talks to it. */
export class Job {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #ended: Promise<number>;
  readonly #what: string;
  #output = '';

  constructor(file: string, args: readonly string[], { env }: JobOptions) {
    this.#what = [file, ...args].join(' ');
    this.#child = spawn(file, [...args], { env });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        this.#output += chunk.toString();
      });
    }
    // A command that ended may still be written to: that is what its exit code is for.
    this.#child.stdin.on('error', () => {});
    this.#ended = once(this.#child, 'close').then(([code, signal]) =>
      typeof code === 'number' ? code : signal === null ? 1 : 128,
    );
  }

  /** What it has printed so far, on both streams. */
  get output(): string {
    return this.#output;
  }

  write(text: string): void {
    this.#child.stdin.write(text);
  }

  /** Ends its standard input. */
  finish(): void {
    this.#child.stdin.end();
  }

  /** Waits until it has printed what matches. @throws Error with the output when it ends before, or the time is over. */
  async printed(pattern: RegExp, limitMs = 30_000): Promise<RegExpExecArray> {
    const expiry = AbortSignal.timeout(limitMs);
    for (;;) {
      const found = pattern.exec(this.#output);
      if (found !== null) return found;
      const next = new AbortController();
      const signal = AbortSignal.any([expiry, next.signal]);
      try {
        const isOver = await Promise.race([
          once(this.#child.stdout, 'data', { signal }).then(() => false),
          once(this.#child.stderr, 'data', { signal }).then(() => false),
          this.#ended.then(() => true),
        ]);
        if (isOver && !pattern.test(this.#output)) throw new Error('it ended');
      } catch (cause) {
        const message = `${this.#what}: did not print ${String(pattern)}, but:\n${this.#output}`;
        throw new Error(message, { cause });
      } finally {
        next.abort();
      }
    }
  }

  /** Waits for its end. @returns the exit code */
  ended(): Promise<number> {
    return this.#ended;
  }

  /** Interrupts it, as Ctrl-C does, and waits for its end. */
  async stop(): Promise<void> {
    this.#child.kill('SIGINT');
    await this.#ended;
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }
}
