import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { create } from 'tar';

export interface ImageContent {
  /** The image's own name, e.g. `nginx:latest`. */
  readonly name: string;
  readonly root: string;
  /** The `config` of an image configuration (OCI image-spec, config.md). */
  readonly config: object;
}

interface Blob {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

const architectures: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

/** Writes a directory as an OCI archive: a tar of an image layout with one gzip layer. */
export function writeOciArchive({ name, root, config }: ImageContent, path: string): void {
  const layout = mkdtempSync(join(tmpdir(), 'portolan-layout-'));
  try {
    mkdirSync(join(layout, 'blobs/sha256'), { recursive: true });
    const layer = packLayer(root, join(layout, 'layer.tar'));
    const media = 'application/vnd.oci.image';
    const layerBlob = writeBlob(layout, `${media}.layer.v1.tar+gzip`, gzipSync(layer));
    const configBlob = writeJson(layout, `${media}.config.v1+json`, {
      created: '2024-01-01T00:00:00Z',
      os: 'linux',
      architecture: architectures[process.arch] ?? process.arch,
      config,
      rootfs: { type: 'layers', diff_ids: [digestOf(layer)] },
    });
    const manifest = writeJson(layout, `${media}.manifest.v1+json`, {
      schemaVersion: 2,
      mediaType: `${media}.manifest.v1+json`,
      config: configBlob,
      layers: [layerBlob],
    });
    const annotations = { 'org.opencontainers.image.ref.name': name };
    const index = { schemaVersion: 2, manifests: [{ ...manifest, annotations }] };
    writeFileSync(join(layout, 'index.json'), JSON.stringify(index));
    writeFileSync(join(layout, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
    publish(layout, path);
  } finally {
    rmSync(layout, { recursive: true, force: true });
  }
}

function packLayer(root: string, path: string): Buffer {
  create({ cwd: root, file: path, sync: true, portable: false }, ['.']);
  const content = readFileSync(path);
  rmSync(path);
  return content;
}

/** Beside the final place first: a test that runs at the same time finds the whole archive or none. */
function publish(layout: string, path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.new`;
  create({ cwd: layout, file: temporary, sync: true }, ['oci-layout', 'index.json', 'blobs']);
  renameSync(temporary, path);
}

function writeJson(layout: string, mediaType: string, content: object): Blob {
  return writeBlob(layout, mediaType, Buffer.from(JSON.stringify(content)));
}

function writeBlob(layout: string, mediaType: string, content: Buffer): Blob {
  const digest = digestOf(content);
  writeFileSync(join(layout, 'blobs', digest.replace(':', '/')), content);
  return { mediaType, digest, size: content.length };
}

const digestOf = (content: Buffer): string =>
  `sha256:${createHash('sha256').update(content).digest('hex')}`;
