import { execFile } from 'node:child_process';
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';
import { Fault, messageOf } from '../fault/index.ts';
import type { AnyObject } from '../kube/index.ts';
import type { ManifestObject, Manifests } from './contract.ts';
import { parseManifests } from './parse.ts';

/** The names under which kustomize looks for its file. */
const names = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'];

/** Where kustomize says what an object was made of, when it is asked to (`buildMetadata: [originAnnotations]`). */
const ORIGIN = 'config.kubernetes.io/origin';

export function isKustomization(directory: string): boolean {
  return names.some((name) => existsSync(join(directory, name)));
}

const run = promisify(execFile);

/** A kustomization around the user's own, which adds to every object the file it comes from, and changes nothing else. */
async function build(directory: string, around: string): Promise<string> {
  const content = {
    resources: [relative(around, directory)],
    buildMetadata: ['originAnnotations'],
  };
  writeFileSync(join(around, 'kustomization.yaml'), JSON.stringify(content));
  try {
    const { stdout } = await run('kubectl', ['kustomize', around], { maxBuffer: 1 << 28 });
    return stdout;
  } catch (cause) {
    const { stderr = messageOf(cause) } = cause as { stderr?: string };
    throw new Fault({
      code: 'KUSTOMIZATION_INVALID',
      message: `kubectl kustomize ${directory} failed: ${stderr.trim()}`,
      advice: 'Correct the kustomization, and see that kubectl is on the PATH.',
      cause,
    });
  }
}

/** `path: ../base/web.yaml`, from the folder around; undefined for what comes from somebody else's repository (`repo: ...`). */
function originOf(object: AnyObject, around: string): string | undefined {
  const text = object.metadata.annotations?.[ORIGIN] ?? '';
  if (/^repo: /m.test(text)) return undefined;
  const path = /^path: (.+)$/m.exec(text)?.[1];
  return path === undefined ? undefined : resolve(around, path);
}

function withoutOrigin(object: AnyObject): AnyObject {
  const { [ORIGIN]: _origin, ...annotations } = object.metadata.annotations ?? {};
  const { annotations: _annotations, ...metadata } = object.metadata;
  const isBare = Object.keys(annotations).length === 0;
  return { ...object, metadata: isBare ? metadata : { ...metadata, annotations } };
}

/** Reads each file once. */
class Origins {
  readonly #files = new Map<string, Manifests>();

  /** The object in its own file, whose name may have got a prefix or suffix since. */
  find(file: string, { kind, metadata }: AnyObject): ManifestObject | undefined {
    const shown = relative(process.cwd(), file);
    const known =
      this.#files.get(file) ??
      parseManifests(readFileSync(file, 'utf8'), shown.startsWith('..') ? file : shown);
    this.#files.set(file, known);
    const sameKind = known.objects.filter(({ object }) => object.kind === kind);
    return (
      sameKind.find(({ object }) => object.metadata.name === metadata.name) ??
      sameKind.find(({ object }) => metadata.name.includes(object.metadata.name))
    );
  }
}

function placed(built: ManifestObject, origins: Origins, around: string): ManifestObject {
  const file = originOf(built.object, around);
  const original = file === undefined ? undefined : origins.find(file, built.object);
  const author = original ?? built;
  return { object: withoutOrigin(built.object), positionOf: (path) => author.positionOf(path) };
}

/** Builds a kustomization with kubectl; positions are those of the files it was made of. */
export async function readKustomization(directory: string): Promise<Manifests> {
  // Kustomize takes relative paths only, and compares them after it followed symbolic links.
  const around = mkdtempSync(join(realpathSync(tmpdir()), 'portolan-kustomize-'));
  try {
    const { objects, notes } = parseManifests(
      await build(realpathSync(directory), around),
      directory,
    );
    const origins = new Origins();
    return { objects: objects.map((object) => placed(object, origins, around)), notes };
  } finally {
    rmSync(around, { recursive: true });
  }
}
