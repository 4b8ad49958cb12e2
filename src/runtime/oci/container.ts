import { closeSync, openSync, readSync } from 'node:fs';
import { isMissing } from '../../files/index.ts';
import type { ContainerStatus } from '../runtime.ts';
import type { Bundle } from './layout.ts';
import { writeRecord, type ContainerRecord, type Ending } from './record.ts';

/** As the kubelet reads at most of a termination message. */
const messageBytes = 4096;

/** One container of this runtime: its record, in memory and on disk, and the promise of its end. */
export class OciContainer {
  readonly bundle: Bundle;
  /** Resolves when the container has exited. */
  readonly exited: Promise<void>;
  #record: ContainerRecord;
  #resolveExited: () => void;

  constructor(bundle: Bundle, record: ContainerRecord) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.bundle = bundle;
    this.exited = promise;
    this.#record = record;
    this.#resolveExited = resolve;
    if (record.ending !== undefined) resolve();
  }

  get record(): ContainerRecord {
    return this.#record;
  }

  get isRunning(): boolean {
    return this.#record.startedAt !== undefined && this.#record.ending === undefined;
  }

  /** Changes the record, on disk too. */
  update(change: Partial<ContainerRecord>): void {
    this.#record = { ...this.#record, ...change };
    writeRecord(this.bundle, this.#record);
  }

  /** Records the end. */
  end(ending: Ending): void {
    const message = this.#terminationMessage();
    this.update({ ending: message === undefined ? ending : { ...ending, message } });
    this.#resolveExited();
  }

  status(): ContainerStatus {
    const { id, labels, imageId, startedAt, init, ending } = this.#record;
    const common = { id, labels, imageId, ...(startedAt === undefined ? {} : { startedAt }) };
    if (ending !== undefined) return { ...common, state: 'exited', ...ending };
    return {
      ...common,
      state: startedAt === undefined ? 'created' : 'running',
      ...(init === undefined ? {} : { pid: init.pid }),
    };
  }

  #terminationMessage(): string | undefined {
    const path = this.#record.terminationMessagePath;
    if (path === undefined) return undefined;
    try {
      const file = openSync(path, 'r');
      try {
        const buffer = Buffer.alloc(messageBytes);
        const length = readSync(file, buffer, 0, messageBytes, 0);
        return length === 0 ? undefined : buffer.toString('utf8', 0, length);
      } finally {
        closeSync(file);
      }
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }
}
