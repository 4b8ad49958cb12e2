import { closeSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** Appends lines to a container log in CRI format: `TIME stdout F text`. */
export interface CriLog {
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
  const rotate = (): void => {
    const fresh = openSync(`${path}.new`, 'w', 0o600);
    renameSync(`${path}.new`, path);
    closeSync(file);
    file = fresh;
    size = 0;
  };
  return {
    write: (text) => {
      const line = Buffer.from(`${timestamp()} stdout F ${text.replaceAll('\n', '\\n')}\n`);
      if (size + line.length > sizeBytes) rotate();
      writeSync(file, line);
      size += line.length;
    },
    close: () => closeSync(file),
  };
}

/** RFC 3339 with nanoseconds, as conmon writes it. */
function timestamp(): string {
  return new Date().toISOString().replace(/\.(\d+)Z$/, '.$1000000+00:00');
}
