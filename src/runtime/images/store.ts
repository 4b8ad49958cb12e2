import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Fault } from '../../fault/index.ts';
import { readJsonFile, replaceFile } from '../../files/index.ts';
import type { LocalImage, ResolvedImage } from '../runtime.ts';
import { resolvedImage, type ImageConfig } from './image-config.ts';
import { publishDirectory } from './publish-directory.ts';
import type { ImageReference } from './reference.ts';

/** What is kept for each name. */
interface StoredReference extends LocalImage {
  readonly canonical: string;
  readonly source: ImageSource;
  /** Of the manifest in the registry, for pulled images. */
  readonly manifestDigest?: string;
}

/** No pull and no import takes a day: what is older was left by a process that was killed. */
const ABANDONED_AFTER_MS = 24 * 60 * 60_000;

/** Images that somebody imported are never replaced by a pull. */
type ImageSource = 'import' | 'pull';

export interface FoundImage {
  readonly image: ResolvedImage;
  readonly source: ImageSource;
  readonly manifestDigest?: string;
}

interface NewImage {
  readonly reference: ImageReference;
  readonly source: ImageSource;
  readonly manifestDigest?: string;
  /** Size of the image's content as it came, compressed or not. */
  readonly bytes: number;
  /** The configuration byte for byte: its digest is the image's id. */
  readonly config: Buffer;
  /** Fills an empty directory with the root file system; not called when it is here already. */
  unpack(root: string): Promise<void>;
}

/**
 * Images on disk: `references/` has one file for each name, `configs/` and `rootfs/` one entry for each image id. Every
 * change is one rename, so that several processes may use the store and none sees half an image.
 */
export class ImageStore {
  readonly rootfsDirectory: string;
  readonly #references: string;
  readonly #configs: string;
  readonly #temporary: string;

  constructor(directory: string) {
    this.rootfsDirectory = join(directory, 'rootfs');
    this.#references = join(directory, 'references');
    this.#configs = join(directory, 'configs');
    this.#temporary = join(directory, 'temporary');
    const all = [this.rootfsDirectory, this.#references, this.#configs, this.#temporary];
    for (const path of all) mkdirSync(path, { recursive: true, mode: 0o711 });
  }

  find(reference: ImageReference): FoundImage | undefined {
    const stored = readStored(this.#fileOf(reference));
    if (stored === undefined) return undefined;
    const config = readJsonFile(this.#configOf(stored.id)) as ImageConfig | undefined;
    const rootfs = this.#rootfsOf(stored.id);
    if (config === undefined || !existsSync(rootfs)) return undefined;
    return {
      image: resolvedImage({ reference: reference.familiar, id: stored.id, rootfs }, config),
      source: stored.source,
      ...(stored.manifestDigest === undefined ? {} : { manifestDigest: stored.manifestDigest }),
    };
  }

  list(): LocalImage[] {
    return this.#stored()
      .map(({ reference, id, bytes, created }) => ({ reference, id, bytes, created }))
      .sort((a, b) => a.reference.localeCompare(b.reference));
  }

  async add(image: NewImage): Promise<LocalImage> {
    const id = `sha256:${createHash('sha256').update(image.config).digest('hex')}`;
    if (!existsSync(this.#rootfsOf(id))) await this.#unpack(id, image);
    replaceFile(this.#configOf(id), image.config);
    const { created } = JSON.parse(image.config.toString()) as ImageConfig;
    const local: LocalImage = {
      reference: image.reference.familiar,
      id,
      bytes: image.bytes,
      created: created ?? new Date(0).toISOString(),
    };
    const stored: StoredReference = {
      ...local,
      canonical: image.reference.canonical,
      source: image.source,
      ...(image.manifestDigest === undefined ? {} : { manifestDigest: image.manifestDigest }),
    };
    replaceFile(this.#fileOf(image.reference), JSON.stringify(stored, null, 1));
    return local;
  }

  /** Removes a name, and the image behind it unless another name has it too. @throws Fault `IMAGE_NOT_FOUND` */
  remove(reference: ImageReference): void {
    const stored = readStored(this.#fileOf(reference));
    if (stored === undefined) throw notFound(reference);
    rmSync(this.#fileOf(reference));
    if (this.#stored().some(({ id }) => id === stored.id)) return;
    this.removeContent(stored.id);
  }

  /** Ids of the images that no name has any more; the built-in one never had a configuration and is not among them. */
  orphans(): string[] {
    const named = new Set(this.#stored().map(({ id }) => id));
    return readdirSync(this.#configs)
      .filter((name) => name.endsWith('.json'))
      .map((name) => `sha256:${name.slice(0, -'.json'.length)}`)
      .filter((id) => !named.has(id));
  }

  removeContent(id: string): void {
    rmSync(this.#configOf(id), { force: true });
    rmSync(this.#rootfsOf(id), { recursive: true, force: true });
  }

  /** An empty directory on the store's file system; whoever asks for it removes it. */
  temporaryDirectory(): string {
    return mkdtempSync(join(this.#temporary, 'image-'));
  }

  /** Removes the temporary directories of processes that were killed before they could do it themselves. */
  removeAbandoned(): void {
    const before = Date.now() - ABANDONED_AFTER_MS;
    for (const name of readdirSync(this.#temporary)) {
      const path = join(this.#temporary, name);
      const stats = statSync(path, { throwIfNoEntry: false });
      if (stats !== undefined && stats.mtimeMs < before)
        rmSync(path, { recursive: true, force: true });
    }
  }

  async #unpack(id: string, image: NewImage): Promise<void> {
    const temporary = this.temporaryDirectory();
    const root = join(temporary, 'rootfs');
    mkdirSync(root, { mode: 0o755 });
    try {
      await image.unpack(root);
      publishDirectory(root, this.#rootfsOf(id));
    } finally {
      rmSync(temporary, { recursive: true, force: true });
    }
  }

  #stored(): StoredReference[] {
    return readdirSync(this.#references)
      .filter((name) => name.endsWith('.json'))
      .map((name) => readStored(join(this.#references, name)))
      .filter((stored) => stored !== undefined);
  }

  #fileOf({ canonical }: ImageReference): string {
    return join(this.#references, `${encodeURIComponent(canonical)}.json`);
  }

  #configOf(id: string): string {
    return join(this.#configs, `${digestName(id)}.json`);
  }

  #rootfsOf(id: string): string {
    return join(this.rootfsDirectory, digestName(id));
  }
}

const readStored = (path: string): StoredReference | undefined =>
  readJsonFile(path) as StoredReference | undefined;

const digestName = (id: string): string => id.replace(/^sha256:/, '');

function notFound(reference: ImageReference): Fault {
  return new Fault({
    code: 'IMAGE_NOT_FOUND',
    message: `there is no image ${reference.familiar} in the local store`,
    advice: 'See `portolan image ls` for what is there.',
  });
}
