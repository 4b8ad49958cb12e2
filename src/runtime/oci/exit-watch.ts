import { readdirSync, rmSync, statSync, watch } from 'node:fs';
import { join } from 'node:path';
import { readTextFile } from '../../files/index.ts';

/** What conmon leaves when a container exits. */
interface ExitFile {
  readonly exitCode: number;
  readonly finishedAt: number;
}

/** The directory in which conmon leaves exit codes. */
export interface ExitDirectory {
  read(id: string): ExitFile | undefined;
  forget(id: string): void;
  close(): void;
}

/** Watches the directory with inotify; `onFile` is called with the name of each container that has exited. */
export function watchExits(directory: string, onFile: (id: string) => void): ExitDirectory {
  const watcher = watch(directory, (_event, name) => {
    // Without a name the kernel's queue overflowed (inotify(7), IN_Q_OVERFLOW): look at everything.
    for (const id of name === null ? readdirSync(directory) : [name]) onFile(id);
  });
  return {
    read: (id) => readExit(join(directory, id)),
    forget: (id) => rmSync(join(directory, id), { force: true }),
    close: () => watcher.close(),
  };
}

function readExit(path: string): ExitFile | undefined {
  const text = readTextFile(path);
  if (text === undefined || !/^\d+\s*$/.test(text)) return undefined;
  return { exitCode: Number(text), finishedAt: Math.round(statSync(path).mtimeMs) };
}
