import { createHash } from 'node:crypto';
import { createReadStream, existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { create, list } from 'tar';
import { Fault } from '../../fault/index.ts';
import type { ImportOptions, LocalImage } from '../runtime.ts';
import { readArchive, type ArchivedImage } from './archive.ts';
import { machineArchitecture, requirePlatform, type ImageConfig } from './image-config.ts';
import { parseReference, type ImageReference } from './reference.ts';
import type { ImageStore } from './store.ts';
import { unpackArchive } from './unpack.ts';

/** Imports whatever is at `path`; see `ImageService.importArchive`. */
export async function importImage(
  store: ImageStore,
  path: string,
  options: ImportOptions,
): Promise<LocalImage[]> {
  if (!existsSync(path)) throw unreadable(`${path} does not exist`);
  if (options.name !== undefined) parseReference(options.name);
  if (statSync(path).isDirectory()) {
    const images = await readArchive(path);
    return images === undefined
      ? [await importRootfs(store, path, options)]
      : await addAll(store, path, images, options);
  }
  if (!(await isImageArchive(path))) return [await importRootfs(store, path, options)];
  const directory = store.temporaryDirectory();
  try {
    await unpackArchive(path, { root: directory, name: path, hasWhiteouts: false });
    return await addAll(store, path, (await readArchive(directory)) ?? [], options);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Whether a tar file holds an image rather than a root file system. */
async function isImageArchive(path: string): Promise<boolean> {
  const names = new Set<string>();
  try {
    await list({
      file: path,
      strict: true,
      onReadEntry: (entry) => names.add(entry.path.replace(/^\.\//, '')),
    });
  } catch (cause) {
    throw unreadable(`${path} is not a tar archive`, cause);
  }
  if (names.size === 0) throw unreadable(`${path} is an empty archive`);
  return names.has('manifest.json') || (names.has('index.json') && names.has('oci-layout'));
}

async function addAll(
  store: ImageStore,
  path: string,
  images: readonly ArchivedImage[],
  options: ImportOptions,
): Promise<LocalImage[]> {
  if (options.name !== undefined && images.length > 1) {
    throw new Fault({
      code: 'IMAGE_NAME_NEEDED',
      message: `${path} holds ${images.length} images, which cannot all be named ${options.name}`,
      advice: 'Save the one image into an archive of its own.',
    });
  }
  const added: LocalImage[] = [];
  for (const image of images) {
    const config = JSON.parse(image.config.toString()) as ImageConfig;
    for (const reference of referencesOf(path, image, options)) {
      requirePlatform(reference.familiar, config);
      added.push(await store.add({ ...layered(image, options), reference, source: 'import' }));
    }
  }
  return added;
}

function referencesOf(
  path: string,
  image: ArchivedImage,
  { name }: ImportOptions,
): ImageReference[] {
  const names = name === undefined ? image.names : [name];
  if (names.length > 0) return names.map((each) => parseReference(each));
  throw nameNeeded(path);
}

function nameNeeded(path: string): Fault {
  return new Fault({
    code: 'IMAGE_NAME_NEEDED',
    message: `${path} does not say how its image is called`,
    advice: 'Name it: `portolan image import NAME[:TAG] PATH`.',
  });
}

/** What {@link ImageStore.add} needs to unpack layers over one another. */
export function layered(
  image: Omit<ArchivedImage, 'names'>,
  options: ImportOptions = {},
): { config: Buffer; bytes: number; unpack(root: string): Promise<void> } {
  return {
    config: withOptions(image.config, options),
    bytes: image.bytes,
    unpack: async (root) => {
      for (const layer of image.layers) {
        await unpackArchive(layer, { root, name: layer, hasWhiteouts: true });
      }
    },
  };
}

/** The configuration as it came, unless the import changes it: then it is another image. */
function withOptions(bytes: Buffer, options: ImportOptions): Buffer {
  const changes = configChanges(options);
  if (Object.keys(changes).length === 0) return bytes;
  const config = JSON.parse(bytes.toString()) as ImageConfig;
  return Buffer.from(JSON.stringify({ ...config, config: { ...config.config, ...changes } }));
}

function configChanges({ entrypoint, command, env, ports }: ImportOptions): object {
  return {
    ...(entrypoint === undefined ? {} : { Entrypoint: entrypoint }),
    ...(command === undefined ? {} : { Cmd: command }),
    ...(env === undefined ? {} : { Env: env }),
    ...(ports === undefined ? {} : { ExposedPorts: exposedPorts(ports) }),
  };
}

const exposedPorts = (ports: readonly string[]): Record<string, object> =>
  Object.fromEntries(ports.map((port) => [port.includes('/') ? port : `${port}/tcp`, {}]));

/** A root file system has no configuration: one is made, with the digest of its content. */
async function importRootfs(
  store: ImageStore,
  path: string,
  options: ImportOptions,
): Promise<LocalImage> {
  if (options.name === undefined) throw nameNeeded(path);
  const reference = parseReference(options.name);
  const temporary = store.temporaryDirectory();
  const unpacked = join(temporary, 'unpacked');
  mkdirSync(unpacked, { mode: 0o755 });
  try {
    const { diffId, bytes } = await unpackHashing(path, unpacked);
    const config: ImageConfig = {
      architecture: machineArchitecture(),
      os: 'linux',
      created: new Date().toISOString(),
      config: configChanges(options),
      rootfs: { type: 'layers', diff_ids: [diffId] },
    };
    return await store.add({
      reference,
      source: 'import',
      bytes,
      config: Buffer.from(JSON.stringify(config)),
      // An empty directory may be replaced by renaming (rename(2)).
      unpack: async (root) => renameSync(unpacked, root),
    });
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

async function unpackHashing(
  path: string,
  root: string,
): Promise<{ diffId: string; bytes: number }> {
  const hash = createHash('sha256');
  let bytes = 0;
  const source = statSync(path).isDirectory() ? packed(path) : createReadStream(path);
  source.on('data', (chunk: Buffer) => {
    hash.update(chunk);
    bytes += chunk.length;
  });
  await unpackArchive(source, { root, name: path, hasWhiteouts: false });
  return { diffId: `sha256:${hash.digest('hex')}`, bytes };
}

/** A directory as a tar stream, with owners and hard links. */
function packed(directory: string): Readable {
  return Readable.from(create({ cwd: directory, portable: false }, ['.']));
}

function unreadable(message: string, cause?: unknown): Fault {
  return new Fault({
    code: 'IMAGE_UNREADABLE',
    message,
    advice:
      'Give a docker archive, an OCI archive or layout, or a root file system (directory or tar).',
    ...(cause === undefined ? {} : { cause }),
  });
}
