import {
  closeSync,
  copyFileSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  writeSync,
} from 'node:fs';

/** A log and its predecessor take at most twice this. */
const LARGEST_LOG_BYTES = 8 * 1024 * 1024;

/** What a daemon says, by lines with their time. */
export interface DaemonLogOptions {
  /** Opened for appending. */
  readonly descriptor: number;
  readonly path: string;
  readonly largestBytes?: number;
}

/** Where the log before the last change of files is. */
export function olderLog(path: string): string {
  return `${path}.1`;
}

/**
 * The daemon's log. When it is large its text moves to `FILE.1` and it begins anew. It is copied and truncated, not renamed:
 * the daemon's stdout and stderr stay the same file, so that what Node itself writes in its last moment is found where
 * people look.
 */
export class DaemonLog {
  private readonly options: DaemonLogOptions;

  constructor(options: DaemonLogOptions) {
    this.options = options;
  }

  write(text: string): void {
    try {
      this.rotate();
      writeSync(this.options.descriptor, `${new Date().toISOString()} ${text}\n`);
    } catch (error) {
      // A full disk must not end a cluster whose work goes on in memory and in the kernel.
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    }
  }

  private rotate(): void {
    const { descriptor, path, largestBytes = LARGEST_LOG_BYTES } = this.options;
    if (fstatSync(descriptor).size < largestBytes) return;
    copyFileSync(path, olderLog(path));
    ftruncateSync(descriptor);
  }
}

/** The last lines of a log from a position on. */
export function lastLines(path: string, from: number, count: number): string[] {
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    const buffer = Buffer.alloc(Math.min(64 * 1024, Math.max(0, size - from)));
    const length = readSync(file, buffer, 0, buffer.length, size - buffer.length);
    const lines = buffer.toString('utf8', 0, length).trimEnd().split('\n');
    return lines.slice(-count).filter((line) => line !== '');
  } finally {
    closeSync(file);
  }
}
