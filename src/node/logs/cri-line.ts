/** One entry of a container log in CRI format: `TIME STREAM TAG TEXT`. */
export interface LogEntry {
  /** RFC 3339 with nanoseconds. */
  readonly time: string;
  readonly stream: 'stdout' | 'stderr';
  /** True when the text is only part of a line: no newline follows. */
  readonly isPartial: boolean;
  readonly text: Buffer;
}

const SPACE = 0x20;
/** How conmon writes the offset of UTC; Go, and so `kubectl logs --timestamps`, writes `Z`. */
const UTC = /\+00:00$/;

/** Parses one line without its newline; undefined when it is not in CRI format. */
export function parseCriLine(line: Buffer): LogEntry | undefined {
  const first = line.indexOf(SPACE);
  const second = line.indexOf(SPACE, first + 1);
  const third = line.indexOf(SPACE, second + 1);
  if (first === -1 || second === -1) return undefined;
  const end = third === -1 ? line.length : third;
  const stream = line.toString('latin1', first + 1, second);
  if (stream !== 'stdout' && stream !== 'stderr') return undefined;
  return {
    time: line.toString('latin1', 0, first).replace(UTC, 'Z'),
    stream,
    isPartial: line.toString('latin1', second + 1, end) === 'P',
    text: third === -1 ? Buffer.alloc(0) : line.subarray(third + 1),
  };
}
