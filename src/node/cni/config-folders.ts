import { mkdirSync, readdirSync, readFileSync, watch, type FSWatcher } from 'node:fs';
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
  private readonly watchers: readonly FSWatcher[];

  /** Makes the folders, and calls `onChange` for whatever happens in one of them; first choice first. */
  constructor(folders: readonly string[], onChange: () => void) {
    this.folders = folders;
    for (const folder of folders) mkdirSync(folder, { recursive: true });
    this.watchers = folders.map((folder) => watch(folder, { persistent: false }, onChange));
  }

  /** The first file of the first folder that has one. */
  read(): ConfigFile | undefined {
    for (const folder of this.folders) {
      const name = firstIn(folder);
      if (name === undefined) continue;
      const path = join(folder, name);
      return { path, text: readFileSync(path, 'utf8') };
    }
    return undefined;
  }

  close(): void {
    for (const watcher of this.watchers) watcher.close();
  }
}
