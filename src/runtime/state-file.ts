import { Fault } from '../fault/index.ts';
import { readJsonFile, replaceFile } from '../files/index.ts';

/**
 * Writes what the next process over the same directory must know of a container, as JSON. Not durable: containers do not
 * outlive the machine's power, and none has to wait for a disk before it starts.
 */
export function writeState(path: string, state: unknown): void {
  replaceFile(path, JSON.stringify(state, null, 1), { durable: false });
}

/** Reads what {@link writeState} wrote; undefined when there is no such file, or a power cut took its content. */
export function readState(path: string): unknown {
  try {
    return readJsonFile(path);
  } catch (error) {
    if (error instanceof Fault && error.code === 'FILE_DAMAGED') return undefined;
    throw error;
  }
}
