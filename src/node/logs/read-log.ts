import { open, stat, type FileHandle } from 'node:fs/promises';
import { watch, type FSWatcher } from 'node:fs';
import type { Writable } from 'node:stream';
import type { LogOptions } from '../node-api.ts';
import { parseCriLine, type LogEntry } from './cri-line.ts';

const NEWLINE = 0x0a;
const CHUNK = 64 * 1024;

/** Where and how to read one container's log. */
export interface LogSource {
  readonly path: string;
  /** True while the container may still write; following ends when it is false and the file is read to its end. */
  isRunning(): boolean;
  /** Calls `listener` when a container has ended, which changes no file; returns how to take it off again. */
  onEnd(listener: () => void): () => void;
}

/** Reads complete lines of a growing file; what follows the last newline waits for the next call. */
class LineReader {
  private readonly file: FileHandle;
  private position: number;
  private rest = Buffer.alloc(0);

  constructor(file: FileHandle, position: number) {
    this.file = file;
    this.position = position;
  }

  /** The next lines, or none at the end of the file for now. */
  async next(): Promise<Buffer[]> {
    const chunk = Buffer.alloc(CHUNK);
    const { bytesRead } = await this.file.read(chunk, 0, CHUNK, this.position);
    if (bytesRead === 0) return [];
    this.position += bytesRead;
    const data = Buffer.concat([this.rest, chunk.subarray(0, bytesRead)]);
    const lines: Buffer[] = [];
    let start = 0;
    for (let end = data.indexOf(NEWLINE); end !== -1; end = data.indexOf(NEWLINE, start)) {
      lines.push(data.subarray(start, end));
      start = end + 1;
    }
    this.rest = Buffer.from(data.subarray(start));
    return lines.length === 0 ? this.next() : lines;
  }
}

/** Finds where the last `lines` log lines begin, reading backwards in chunks; partial entries do not count. */
async function tailPosition(file: FileHandle, lines: number): Promise<number> {
  const { size } = await file.stat();
  let position = size;
  let seen = 0;
  // The bytes before the first newline of what was read: the end of an entry whose begin is further up.
  let rest = Buffer.alloc(0);
  while (position > 0) {
    const start = Math.max(0, position - CHUNK);
    const chunk = Buffer.alloc(position - start);
    await file.read(chunk, 0, chunk.length, start);
    const text = Buffer.concat([chunk, rest]);
    let end = text.length;
    while (end > 0) {
      const begin = end < 2 ? 0 : text.lastIndexOf(NEWLINE, end - 2) + 1;
      if (begin === 0 && start > 0) break;
      const entry = parseCriLine(text.subarray(begin, end - 1));
      if (entry !== undefined && !entry.isPartial) {
        if (seen === lines) return start + end;
        seen += 1;
      }
      end = begin;
    }
    rest = Buffer.from(text.subarray(0, end));
    position = start;
  }
  return 0;
}

function sinceText(options: LogOptions, now: number): string | undefined {
  if (options.sinceTime !== undefined) return options.sinceTime;
  if (options.sinceSeconds === undefined) return undefined;
  return new Date(now - options.sinceSeconds * 1000).toISOString();
}

/** Milliseconds of a CRI time, whose offset may be any. */
function isBefore(time: string, since: string): boolean {
  return Date.parse(time) < Date.parse(since);
}

/** Resolves when more may be written, or nothing any more. */
async function drained(out: Writable): Promise<void> {
  if (out.destroyed) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  out.once('drain', resolve).once('close', resolve);
  await promise;
  out.off('drain', resolve).off('close', resolve);
}

/** Writes entries as `kubectl logs` shows them, within `limitBytes`. */
class EntryWriter {
  private readonly out: Writable;
  private readonly options: LogOptions;
  private left: number;
  private isLineStart = true;

  constructor(out: Writable, options: LogOptions) {
    this.out = out;
    this.options = options;
    this.left = options.limitBytes ?? Infinity;
  }

  /** Nothing more is wanted: all that was asked for is written, or nobody reads any more. */
  get isDone(): boolean {
    return this.left <= 0 || this.out.destroyed;
  }

  async write(entry: LogEntry): Promise<void> {
    const stamp = this.options.timestamps && this.isLineStart ? `${entry.time} ` : '';
    const bytes = Buffer.concat([
      Buffer.from(stamp),
      entry.text,
      Buffer.from(entry.isPartial ? '' : '\n'),
    ]);
    this.isLineStart = !entry.isPartial;
    const kept = bytes.subarray(0, Math.min(bytes.length, this.left));
    this.left -= kept.length;
    if (!this.out.write(kept)) await drained(this.out);
  }
}

/** How long a follower sleeps at most: the log may be begun anew as another file, of which a watcher does not tell. */
const RECHECK_MS = 1000;

/** Tells of changes of one file; armed from its creation on, so a change between two waits is not lost. */
class FileChanges {
  private readonly watcher: FSWatcher;
  private readonly forget: () => void;
  private hasChanged = false;
  private wake: () => void = () => {};

  constructor(source: LogSource, signal: AbortSignal) {
    const notify = (): void => this.notify();
    this.watcher = watch(source.path, notify);
    this.watcher.on('error', notify);
    signal.addEventListener('abort', notify, { once: true });
    const takeOff = source.onEnd(notify);
    this.forget = () => {
      signal.removeEventListener('abort', notify);
      takeOff();
    };
  }

  private notify(): void {
    this.hasChanged = true;
    this.wake();
  }

  async next(): Promise<void> {
    if (!this.hasChanged) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, RECHECK_MS);
        this.wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.hasChanged = false;
  }

  close(): void {
    this.forget();
    this.watcher.close();
  }
}

/** Writes what the file has by now. @returns false when nothing was left to read */
async function copyLines(
  reader: LineReader,
  writer: EntryWriter,
  since: string | undefined,
): Promise<boolean> {
  const lines = await reader.next();
  for (const line of lines) {
    const entry = parseCriLine(line);
    if (entry === undefined || (since !== undefined && isBefore(entry.time, since))) continue;
    if (writer.isDone) break;
    await writer.write(entry);
  }
  return lines.length > 0;
}

/** True when the log goes on in another file: the runtime begins one anew at its size limit. */
async function isReplaced(file: FileHandle, path: string): Promise<boolean> {
  const [mine, current] = await Promise.all([file.stat(), stat(path)]);
  return mine.ino !== current.ino;
}

/** Copies one file of a log. @returns true when the log goes on in another one */
async function copyFile(
  source: LogSource,
  { options, writer, tailLines }: CopyPlan,
  signal: AbortSignal,
): Promise<boolean> {
  const file = await open(source.path, 'r');
  const changes = options.follow ? new FileChanges(source, signal) : undefined;
  try {
    const reader = new LineReader(
      file,
      tailLines === undefined ? 0 : await tailPosition(file, tailLines),
    );
    const since = sinceText(options, Date.now());
    while (!signal.aborted && !writer.isDone) {
      // Asked before reading: an exit between the two cannot cut off its last lines.
      const mayGrow = options.follow && source.isRunning();
      if (await copyLines(reader, writer, since)) continue;
      if (options.follow && (await isReplaced(file, source.path))) return true;
      if (!mayGrow) return false;
      await changes?.next();
    }
    return false;
  } finally {
    changes?.close();
    await file.close();
  }
}

interface CopyPlan {
  readonly options: LogOptions;
  readonly writer: EntryWriter;
  readonly tailLines: number | undefined;
}

/**
 * Copies a log to `out` under the options of `core/v1 PodLogOptions`; following, it ends when the container has ended
 * or `signal` aborts. `out` is left open.
 */
export async function copyLog(
  source: LogSource,
  options: LogOptions,
  out: Writable,
  signal: AbortSignal,
): Promise<void> {
  const writer = new EntryWriter(out, options);
  const { tailLines } = options;
  let goesOn = await copyFile(source, { options, writer, tailLines }, signal);
  while (goesOn) goesOn = await copyFile(source, { options, writer, tailLines: undefined }, signal);
}
