import { once } from 'node:events';
import { createReadStream, watch } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { Writable } from 'node:stream';
import type { Command } from 'commander';
import { places } from '../../cluster/index.ts';
import { Fault } from '../../fault/index.ts';
import { addVerb, type CommonOptions } from '../command.ts';
import { directoriesOf, requireRecord } from '../clusters.ts';

interface LogsFlags extends CommonOptions {
  readonly follow?: boolean;
}

async function copyFrom(path: string, start: number, out: Writable): Promise<number> {
  const stream = createReadStream(path, { start });
  await pipeline(stream, out, { end: false });
  return start + stream.bytesRead;
}

/** Copies a file as it grows, from its begin again when it is truncated; ends with the signal. */
export async function follow(
  path: string,
  start: number,
  { out, signal }: { readonly out: Writable; readonly signal: AbortSignal },
): Promise<void> {
  let position = start;
  const watcher = watch(path, { signal });
  for (;;) {
    const changed = once(watcher, 'change', { signal });
    const { size } = await stat(path);
    if (size < position) position = 0;
    if (size > position) position = await copyFrom(path, position, out);
    try {
      await changed;
    } catch (error) {
      if (signal.aborted) return;
      throw error;
    }
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
        throw new Fault({ code: 'NO_LOG', message: `there is no log at ${path}`, cause });
      });
      if (flags.follow === true)
        await follow(path, position, { out, signal: new AbortController().signal });
    });
}
