import { PassThrough, Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { ContainerRuntime, ContainerStatus } from '../runtime.ts';

/** Collects what is written to it; `waitFor` resolves with all of it once it matches. */
export class Collector extends Writable {
  text = '';
  #waiting: (() => void)[] = [];

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk.toString();
    for (const check of this.#waiting) check();
    done();
  }

  async waitFor(pattern: RegExp): Promise<string> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const check = (): void => {
      if (pattern.test(this.text)) resolve();
    };
    this.#waiting.push(check);
    check();
    await promise;
    this.#waiting = this.#waiting.filter((other) => other !== check);
    return this.text;
  }
}

/** Streams of a client, with the handles that a test needs of them. */
export function clientStreams(tty: boolean): {
  readonly stdin: PassThrough;
  readonly stdout: Collector;
  readonly stderr: Collector;
  readonly tty: boolean;
  readonly resize: (width: number, height: number) => void;
  onResize(listener: (size: { width: number; height: number }) => void): void;
} {
  const listeners: ((size: { width: number; height: number }) => void)[] = [];
  return {
    stdin: new PassThrough(),
    stdout: new Collector(),
    stderr: new Collector(),
    tty,
    resize: (width, height) => {
      for (const listener of listeners) listener({ width, height });
    },
    onResize: (listener) => {
      listeners.push(listener);
    },
  };
}

/** Resolves with the status of a container that exits from now on, or has already. */
export async function exitOf(runtime: ContainerRuntime, id: string): Promise<ContainerStatus> {
  const { promise, resolve } = Promise.withResolvers<ContainerStatus>();
  runtime.onExit((status) => {
    if (status.id === id) resolve(status);
  });
  const now = (await runtime.list()).find((status) => status.id === id);
  if (now?.state === 'exited') resolve(now);
  return await promise;
}

const checkMs = 5;

/** Resolves once the condition holds; the test's own time-out ends the wait. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await delay(checkMs);
}
