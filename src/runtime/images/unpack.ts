import {
  chmodSync,
  chownSync,
  createReadStream,
  createWriteStream,
  existsSync,
  lchownSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
} from 'node:fs';
import { basename, dirname, join, posix } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Parser, type ReadEntry } from 'tar';
import { Fault } from '../../fault/index.ts';
import { resolveInRoot } from '../scoped-path.ts';

interface UnpackOptions {
  readonly root: string;
  /** Names the archive in errors. */
  readonly name: string;
  /** Whether `.wh.` files delete what lower layers have (OCI image-spec, layer.md). */
  readonly hasWhiteouts: boolean;
}

const whiteoutPrefix = '.wh.';
const opaqueWhiteout = '.wh..wh..opq';

/**
 * Unpacks one archive (plain, gzip or zstd) over a directory. Owners, modes and times are kept; devices and pipes are
 * left out, as the container's /dev is made anew. Nothing is ever written outside of the root: names are resolved as
 * a process inside would see them.
 * @throws Fault `IMAGE_UNSAFE_PATH` for a name or link that points out of the image, `IMAGE_UNREADABLE`
 */
export async function unpackArchive(
  source: Readable | string,
  options: UnpackOptions,
): Promise<void> {
  const layer = new LayerWriter(options);
  const input = typeof source === 'string' ? createReadStream(source) : source;
  const parser = new Parser({ strict: true, onReadEntry: (entry) => layer.take(entry) });
  try {
    await new Promise<void>((resolve, reject) => {
      layer.onFailure = reject;
      parser.on('end', () => resolve());
      parser.on('error', reject);
      input.on('error', reject);
      input.on('data', (chunk: Buffer) => {
        if (!parser.write(chunk)) input.pause();
      });
      parser.on('drain', () => input.resume());
      input.on('end', () => parser.end());
    });
    await layer.finish();
  } catch (error) {
    if (error instanceof Fault) throw error;
    throw unreadable(options.name, error);
  } finally {
    input.destroy();
  }
}

function unreadable(name: string, cause: unknown): Fault {
  return new Fault({
    code: 'IMAGE_UNREADABLE',
    message: `${name} is not a readable archive: ${cause instanceof Error ? cause.message : String(cause)}`,
    advice: 'Give a tar archive, plain or compressed with gzip or zstd; save or download it again.',
    cause,
  });
}

function unsafe(name: string, entry: string, why: string): Fault {
  return new Fault({
    code: 'IMAGE_UNSAFE_PATH',
    message: `${name} is refused: its entry ${JSON.stringify(entry)} ${why}`,
    advice: 'Do not use this archive: no honest tool makes such entries.',
  });
}

/** Writes the entries of one layer, one after the other. */
class LayerWriter {
  onFailure: (error: unknown) => void = () => {};
  readonly #options: UnpackOptions;
  /** What this layer itself made: an opaque whiteout spares it. */
  readonly #own = new Set<string>();
  readonly #directories = new Map<string, ReadEntry>();
  #last: Promise<void> = Promise.resolve();

  constructor(options: UnpackOptions) {
    this.#options = options;
  }

  /** The parser gives the next entry only after this one's content was read. */
  take(entry: ReadEntry): void {
    this.#last = this.#last.then(() => this.#write(entry));
    this.#last.catch((error: unknown) => this.onFailure(error));
  }

  /** Sets the times of directories, which every file made in them has changed. */
  async finish(): Promise<void> {
    await this.#last;
    for (const [path, { mtime }] of this.#directories) {
      if (mtime !== undefined && existsSync(path)) utimesSync(path, mtime, mtime);
    }
  }

  async #write(entry: ReadEntry): Promise<void> {
    const path = this.#pathOf(entry);
    if (this.#options.hasWhiteouts && basename(path).startsWith(whiteoutPrefix)) {
      this.#whiteOut(path);
      entry.resume();
      return;
    }
    if (path !== this.#options.root) mkdirSync(dirname(path), { recursive: true });
    await this.#make(entry, path);
    this.#claim(path);
  }

  /** Directories above count too, whether the layer names them or not. */
  #claim(path: string): void {
    if (path === this.#options.root || this.#own.has(path)) return;
    this.#own.add(path);
    this.#claim(dirname(path));
  }

  /** Where an entry goes. Only its directory is resolved: an entry replaces a link, it never follows it. */
  #pathOf(entry: ReadEntry): string {
    const { root, name } = this.#options;
    if (entry.path.split('/').includes('..'))
      throw unsafe(name, entry.path, 'leads out of the image');
    const path = posix.normalize(`/${entry.path}`).replace(/(?<=.)\/$/, '');
    return path === '/'
      ? root
      : join(resolveInRoot(root, posix.dirname(path)), posix.basename(path));
  }

  async #make(entry: ReadEntry, path: string): Promise<void> {
    switch (entry.type) {
      case 'Directory':
      case 'GNUDumpDir':
        this.#makeDirectory(entry, path);
        entry.resume();
        break;
      case 'SymbolicLink':
        this.#makeSymbolicLink(entry, path);
        entry.resume();
        break;
      case 'Link':
        this.#makeHardLink(entry, path);
        entry.resume();
        break;
      case 'File':
      case 'OldFile':
      case 'ContiguousFile':
        await this.#makeFile(entry, path);
        break;
      default:
        entry.resume();
    }
  }

  #makeDirectory(entry: ReadEntry, path: string): void {
    const isThere = existsSync(path) && lstatSync(path).isDirectory();
    if (!isThere) {
      rmSync(path, { recursive: true, force: true });
      mkdirSync(path);
    }
    setOwnerAndMode(path, entry);
    this.#directories.set(path, entry);
  }

  #makeSymbolicLink(entry: ReadEntry, path: string): void {
    const target = entry.linkpath ?? '';
    const { root, name } = this.#options;
    // From inside no link leads out; but whoever looks in from outside would follow it.
    const lexical = join(dirname(path), target);
    const isInside = target.startsWith('/') || lexical === root || lexical.startsWith(`${root}/`);
    if (!isInside) throw unsafe(name, entry.path, `is a link out of the image, to ${target}`);
    rmSync(path, { recursive: true, force: true });
    symlinkSync(target, path);
    lchownSync(path, entry.uid ?? 0, entry.gid ?? 0);
    if (entry.mtime !== undefined) lutimesSync(path, entry.mtime, entry.mtime);
  }

  #makeHardLink(entry: ReadEntry, path: string): void {
    const target = entry.linkpath ?? '';
    const { root, name } = this.#options;
    if (target.split('/').includes('..')) {
      throw unsafe(name, entry.path, `is a hard link out of the image, to ${target}`);
    }
    const normal = posix.normalize(`/${target}`);
    const from = join(resolveInRoot(root, posix.dirname(normal)), posix.basename(normal));
    if (from === path) return;
    rmSync(path, { recursive: true, force: true });
    linkSync(from, path);
  }

  async #makeFile(entry: ReadEntry, path: string): Promise<void> {
    rmSync(path, { recursive: true, force: true });
    // `wx` refuses to follow whatever might be there.
    await pipeline(entry as unknown as Readable, createWriteStream(path, { flags: 'wx' }));
    setOwnerAndMode(path, entry);
    if (entry.mtime !== undefined) utimesSync(path, entry.mtime, entry.mtime);
  }

  #whiteOut(path: string): void {
    const directory = dirname(path);
    if (basename(path) === opaqueWhiteout) {
      this.#clear(directory);
    } else if (!basename(path).startsWith(`${whiteoutPrefix}${whiteoutPrefix}`)) {
      const hidden = join(directory, basename(path).slice(whiteoutPrefix.length));
      rmSync(hidden, { recursive: true, force: true });
    }
  }

  /** Removes what lower layers put into a directory; the order of whiteouts and new files is not defined. */
  #clear(directory: string): void {
    if (!existsSync(directory)) return;
    for (const name of readdirSync(directory)) {
      const path = join(directory, name);
      if (!this.#own.has(path)) rmSync(path, { recursive: true, force: true });
      else if (lstatSync(path).isDirectory()) this.#clear(path);
    }
  }
}

const modeBits = 0o7777;

/** In this order: changing the owner clears the set-user-id bit (chown(2)). */
function setOwnerAndMode(path: string, entry: ReadEntry): void {
  chownSync(path, entry.uid ?? 0, entry.gid ?? 0);
  if (entry.mode !== undefined) chmodSync(path, entry.mode & modeBits);
}
