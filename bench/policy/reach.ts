import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { ReachChange, ReachOrder } from './reach-worker.ts';

/** Milliseconds in which a policy has to show. */
const PATIENCE = 10_000;

/** Knows at any moment whether one pod reaches another, by connecting all the time. */
export class Reach implements AsyncDisposable {
  private readonly worker: Worker;
  private readonly end = new Int32Array(new SharedArrayBuffer(4));
  private last: ReachChange | undefined;
  private listener: (change: ReachChange) => void = () => {};

  constructor(path: Pick<ReachOrder, 'from' | 'to' | 'address'>) {
    const workerData: ReachOrder = { ...path, end: this.end };
    this.worker = new Worker(new URL('reach-worker.ts', import.meta.url), { workerData });
    this.worker.on('message', (change: ReachChange) => {
      this.last = change;
      this.listener(change);
    });
  }

  /** Resolves with the moment, in nanoseconds of `process.hrtime`, from which on it was so. */
  async whenOpen(isOpen: boolean): Promise<bigint> {
    if (this.last?.isOpen === isOpen) return this.last.at;
    const { promise, resolve, reject } = Promise.withResolvers<bigint>();
    const state = isOpen ? 'opened' : 'cut';
    const timer = setTimeout(() => reject(new Error(`the way was never ${state}`)), PATIENCE);
    this.listener = (change) => {
      if (change.isOpen === isOpen) resolve(change.at);
    };
    return promise.finally(() => {
      clearTimeout(timer);
      this.listener = () => {};
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const exited = once(this.worker, 'exit');
    Atomics.store(this.end, 0, 1);
    Atomics.notify(this.end, 0);
    await exited;
  }
}
