import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Fault } from '../../fault/index.ts';
import { resolveInRoot } from '../scoped-path.ts';
import { bufferDigest, fileDigest, requireDigest } from './digest.ts';
import { chooseManifest, isIndex, type Descriptor, type Index, type Manifest } from './manifest.ts';

/** An image as it lies in an unpacked archive. */
export interface ArchivedImage {
  /** Names the archive gives it; may be none. */
  readonly names: readonly string[];
  readonly config: Buffer;
  /** Layer archives, lowest first. */
  readonly layers: readonly string[];
  readonly bytes: number;
}

/** Annotations in which tools leave an image's name: containerd, Docker and podman; skopeo only the tag. */
const nameAnnotations = ['io.containerd.image.name', 'org.opencontainers.image.ref.name'];

/** Reads the images of a directory that is an OCI layout or the content of `docker save`; undefined when neither. */
export async function readArchive(directory: string): Promise<ArchivedImage[] | undefined> {
  // `docker save` writes both; its own file knows the names better.
  if (existsSync(join(directory, 'manifest.json'))) return await readDockerArchive(directory);
  if (existsSync(join(directory, 'index.json'))) return await readOciLayout(directory);
  return undefined;
}

interface DockerManifest {
  readonly Config: string;
  readonly RepoTags: readonly string[] | null;
  readonly Layers: readonly string[];
}

async function readDockerArchive(directory: string): Promise<ArchivedImage[]> {
  const manifests = parse(
    readInside(directory, 'manifest.json'),
    'manifest.json',
  ) as DockerManifest[];
  return manifests.map(({ Config, RepoTags, Layers }) => {
    const layers = Layers.map((path) => requireInside(directory, path));
    return {
      names: RepoTags ?? [],
      config: readInside(directory, Config),
      layers,
      bytes: totalSize(layers),
    };
  });
}

async function readOciLayout(directory: string): Promise<ArchivedImage[]> {
  const { manifests } = parse(readInside(directory, 'index.json'), 'index.json') as Index;
  // Names stand at the top; an index there is one image for several platforms.
  const named = manifests.filter(({ annotations }) => nameOf(annotations) !== undefined);
  const chosen = named.length > 0 ? named : [chooseManifest(directory, { manifests })];
  return await Promise.all(chosen.map((descriptor) => readOciImage(directory, descriptor)));
}

async function readOciImage(directory: string, descriptor: Descriptor): Promise<ArchivedImage> {
  const name = nameOf(descriptor.annotations);
  let document = readImageDocument(directory, descriptor);
  while (isIndex(document)) {
    document = readImageDocument(directory, chooseManifest(name ?? directory, document));
  }
  const layers: string[] = [];
  for (const layer of document.layers) {
    const path = requireInside(directory, blobPath(layer));
    requireDigest(`layer ${path}`, layer.digest, await fileDigest(path));
    layers.push(path);
  }
  return {
    names: name === undefined ? [] : [name],
    config: readBlob(directory, document.config),
    layers,
    bytes: totalSize(layers),
  };
}

function nameOf(annotations: Readonly<Record<string, string>> = {}): string | undefined {
  return nameAnnotations.map((key) => annotations[key]).find((value) => value !== undefined);
}

const blobPath = ({ digest }: Descriptor): string => `blobs/${digest.replace(':', '/')}`;

function readBlob(directory: string, descriptor: Descriptor): Buffer {
  const content = readInside(directory, blobPath(descriptor));
  requireDigest(`blob ${blobPath(descriptor)}`, descriptor.digest, bufferDigest(content));
  return content;
}

function readImageDocument(directory: string, descriptor: Descriptor): Manifest | Index {
  return parse(readBlob(directory, descriptor), blobPath(descriptor)) as Manifest | Index;
}

function readInside(directory: string, path: string): Buffer {
  return readFileSync(requireInside(directory, path));
}

/** A file of the archive, whatever links and dots its name has. */
function requireInside(directory: string, path: string): string {
  const inside = resolveInRoot(directory, path);
  if (existsSync(inside)) return inside;
  throw incomplete(`${path} is missing`);
}

function parse(content: Buffer, what: string): unknown {
  try {
    return JSON.parse(content.toString()) as unknown;
  } catch (cause) {
    throw incomplete(`${what} is not JSON`, cause);
  }
}

function incomplete(what: string, cause?: unknown): Fault {
  return new Fault({
    code: 'IMAGE_UNREADABLE',
    message: `the image archive is not complete: ${what}`,
    advice: 'Save it again with `docker save`, `podman save` or `skopeo copy`.',
    ...(cause === undefined ? {} : { cause }),
  });
}

const totalSize = (paths: readonly string[]): number =>
  paths.reduce((sum, path) => sum + statSync(path).size, 0);
