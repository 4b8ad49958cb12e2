import { existsSync, mkdirSync, readdirSync, readFileSync, watch, type FSWatcher } from 'node:fs';
import { join } from 'node:path';

/** A network configuration's file. */
export interface ConfigFile {
  readonly path: string;
  readonly text: string;
}

/** As the reference library: these, in the order of their names. */
const SUFFIXES = ['.conf', '.conflist', '.json'];

function firstIn(folder: string): string | undefined {
  return readdirSync(folder)
    .filter((name) => SUFFIXES.some((suffix) => name.endsWith(suffix)))
    .sort()[0];
}

/** The folders where a node looks for its network, and what happens there. */
export class ConfigFolders {
  private readonly folders: readonly string[];
  private readonly onChange: () => void;
  private readonly watchers = new Map<string, FSWatcher>();

  /** Makes the folders, and calls `onChange` for whatever happens in one of them; first choice first. */
  constructor(folders: readonly string[], onChange: () => void) {
    this.folders = folders;
    this.onChange = onChange;
    for (const folder of folders) this.follow(folder);
  }

  /** A folder that was taken away is made again: what is dropped there later must not go unseen. */
  private follow(folder: string): void {
    if (this.watchers.has(folder) && existsSync(folder)) return;
    this.watchers.get(folder)?.close();
    mkdirSync(folder, { recursive: true });
    const watcher = watch(folder, { persistent: false }, this.onChange);
    watcher.on('error', this.onChange);
    this.watchers.set(folder, watcher);
  }

  /** The first file of the first folder that has one. */
  read(): ConfigFile | undefined {
    for (const folder of this.folders) this.follow(folder);
    for (const folder of this.folders) {
      const name = firstIn(folder);
      if (name === undefined) continue;
      const path = join(folder, name);
      return { path, text: readFileSync(path, 'utf8') };
    }
    return undefined;
  }

  close(): void {
    for (const watcher of this.watchers.values()) watcher.close();
  }
}
