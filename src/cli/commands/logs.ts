import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { watch } from 'node:fs';
import { once } from 'node:events';
import { pipeline } from 'node:stream/promises';
import type { Command } from 'commander';
import { places } from '../../cluster/index.ts';
import { Fault } from '../../fault/index.ts';
import { addVerb, type CommonOptions } from '../command.ts';
import { directoriesOf, requireRecord } from '../clusters.ts';

interface LogsFlags extends CommonOptions {
  readonly follow?: boolean;
}

async function copyFrom(path: string, start: number): Promise<number> {
  const stream = createReadStream(path, { start });
  await pipeline(stream, process.stdout, { end: false });
  return start + stream.bytesRead;
}

async function follow(path: string, start: number): Promise<never> {
  let position = start;
  const watcher = watch(path);
  for (;;) {
    const { size } = await stat(path);
    if (size > position) position = await copyFrom(path, position);
    else await once(watcher, 'change');
  }
}

export function register(program: Command): void {
  addVerb(program, 'logs', "print the daemon's log")
    .option('-f, --follow', 'go on as it grows')
    .action(async (flags: LogsFlags) => {
      const directories = directoriesOf(flags.name);
      requireRecord(directories);
      const path = places.daemonLog(directories);
      const position = await copyFrom(path, 0).catch((cause: unknown) => {
        throw new Fault({ code: 'NO_LOG', message: `there is no log at ${path}`, cause });
      });
      if (flags.follow === true) await follow(path, position);
    });
}
