import { readFileSync } from 'node:fs';
import { SourceMap, type SourceMapPayload } from 'node:module';
import { fileURLToPath } from 'node:url';

/** A place in a stack trace: file, line and column, from 1. */
const PLACE = /(file:\/\/[^\s()]+):(\d+):(\d+)/g;

/** Where an error comes from, in the words of its stack trace. */
export function traceOf(error: unknown): string {
  return error instanceof Error ? sourceStack(error.stack ?? error.message) : String(error);
}

/**
 * A stack trace with places in the sources where it has some in a bundle. Only here, where a trace is to be read: Node's
 * own support would keep all the maps in memory all the time.
 */
export function sourceStack(stack: string): string {
  const maps = new Map<string, SourceMap | undefined>();
  return stack.replaceAll(PLACE, (place, file: string, line: string, column: string) => {
    if (!maps.has(file)) maps.set(file, readMap(file));
    const entry = maps.get(file)?.findEntry(Number(line) - 1, Number(column) - 1);
    if (entry === undefined || !('originalSource' in entry)) return place;
    return `${entry.originalSource}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
  });
}

/** The map beside a file, if it has one. */
function readMap(file: string): SourceMap | undefined {
  let text: string;
  try {
    text = readFileSync(`${fileURLToPath(file)}.map`, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const payload = JSON.parse(text) as SourceMapPayload;
  const { sources, sourceRoot } = payload;
  const absolute = sources.map((source) => new URL(source, sourceRoot).href);
  return new SourceMap({ ...payload, sourceRoot: '', sources: absolute });
}
