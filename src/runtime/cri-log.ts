import { closeSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** Appends lines to a container log in CRI format: `TIME stdout F text`. */
export interface CriLog {
  /** Never throws: lines that cannot be written are counted, and the log says so when it can be written again. */
  write(text: string): void;
  close(): void;
}

/**
 * Opens a log. A log that grows over `sizeBytes` is begun anew, as conmon does with `--log-size-max`, and readers that
 * follow it see another inode under the name.
 */
export function openCriLog(path: string, sizeBytes: number): CriLog {
  mkdirSync(dirname(path), { recursive: true });
  let file = openSync(path, 'a', 0o600);
  let size = fstatSync(file).size;
  let lost = 0;
  const rotate = (): void => {
    const fresh = openSync(`${path}.new`, 'w', 0o600);
    renameSync(`${path}.new`, path);
    closeSync(file);
    file = fresh;
    size = 0;
  };
  const append = (text: string): void => {
    const line = Buffer.from(`${timestamp()} stdout F ${text.replaceAll('\n', '\\n')}\n`);
    if (size + line.length > sizeBytes) rotate();
    writeSync(file, line);
    size += line.length;
  };
  return {
    write: (text) => {
      try {
        if (lost > 0) append(`${lost} lines could not be written`);
        lost = 0;
        append(text);
      } catch {
        // A full disk is the machine's trouble: who answers a request must not end because of its access line.
        lost += 1;
      }
    },
    close: () => closeSync(file),
  };
}

/** RFC 3339 with nanoseconds, as conmon writes it. */
function timestamp(): string {
  return new Date().toISOString().replace(/\.(\d+)Z$/, '.$1000000+00:00');
}
