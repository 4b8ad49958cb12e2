import { on } from 'node:events';
import { createReadStream, watch } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { Writable } from 'node:stream';
import type { Command } from 'commander';
import { commandLine, places } from '../../cluster/index.ts';
import { Fault } from '../../fault/index.ts';
import { addVerb, type CommonOptions } from '../command.ts';
import { directoriesOf, requireRecord } from '../clusters.ts';
import { printNotes } from '../output.ts';

interface LogsFlags extends CommonOptions {
  readonly follow?: boolean;
}

async function copyFrom(path: string, start: number, out: Writable): Promise<number> {
  const stream = createReadStream(path, { start });
  await pipeline(stream, out, { end: false });
  return start + stream.bytesRead;
}

/** Copies what is new behind a position; a file that is shorter than that began anew. @returns the new position */
async function copyNew(path: string, position: number, out: Writable): Promise<number> {
  const { size } = await stat(path);
  if (size === position) return position;
  return copyFrom(path, size < position ? 0 : position, out);
}

/** Copies a file as it grows, from its begin again when it is truncated; ends with the signal. */
export async function follow(
  path: string,
  start: number,
  { out, signal }: { readonly out: Writable; readonly signal: AbortSignal },
): Promise<void> {
  // Listens before it looks, so that no change falls between.
  const changes = on(watch(path, { signal }), 'change', { signal });
  try {
    let position = await copyNew(path, start, out);
    for await (const _change of changes) position = await copyNew(path, position, out);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

export function register(program: Command): void {
  addVerb(program, 'logs', "print the daemon's log")
    .option('-f, --follow', 'go on as it grows')
    .action(async (flags: LogsFlags) => {
      const directories = directoriesOf(flags.name);
      requireRecord(directories);
      const path = places.daemonLog(directories);
      const out = process.stdout;
      const position = await copyFrom(path, 0, out).catch((cause: unknown) => {
        throw new Fault({
          code: 'NO_LOG',
          message: `there is no log at ${path}`,
          advice: `The daemon writes it: ${commandLine('start', flags.name)}`,
          cause,
        });
      });
      if (position === 0) printNotes([`${path} is empty: the daemon had nothing to say`]);
      if (flags.follow === true)
        await follow(path, position, { out, signal: new AbortController().signal });
    });
}
