import { readdirSync, readFileSync, statSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { Fault, messageOf } from '../fault/index.ts';
import type { Manifests } from './contract.ts';
import { isKustomization, readKustomization } from './kustomization.ts';
import { joined, parseManifests } from './parse.ts';

/** What kubectl reads in a folder. */
const extension = /\.(?:ya?ml|json)$/;

function unreadable(path: string, cause: unknown): Fault {
  return new Fault({
    code: 'MANIFEST_UNREADABLE',
    message: `cannot read ${path}: ${messageOf(cause)}`,
    advice: 'Name a file, a folder of manifests or of a kustomization, or - for standard input.',
    cause,
  });
}

function kindOf(path: string): Stats {
  try {
    return statSync(path);
  } catch (error) {
    throw unreadable(path, error);
  }
}

function readFile(path: string): Manifests {
  let content: string;
  try {
    content = readFileSync(path, 'utf8');
  } catch (error) {
    throw unreadable(path, error);
  }
  return parseManifests(content, path);
}

/** A folder as `kubectl apply -f` takes it: its own files, in the order of their names, not what is below. */
function readFolder(path: string): Manifests {
  const entries = readdirSync(path, { withFileTypes: true }).sort((one, two) =>
    one.name < two.name ? -1 : 1,
  );
  const files = entries.filter((entry) => !entry.isDirectory() && extension.test(entry.name));
  const folders = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'));
  const notes = folders.map(
    ({ name }) => `${join(path, name)}: passed over, as kubectl does; name it with another -f`,
  );
  return joined([...files.map(({ name }) => readFile(join(path, name))), { objects: [], notes }]);
}

async function readSource(path: string): Promise<Manifests> {
  if (path === '-') return parseManifests(await text(process.stdin), 'stdin');
  if (!kindOf(path).isDirectory()) return readFile(path);
  return isKustomization(path) ? readKustomization(path) : readFolder(path);
}

/**
 * Reads manifests: files, folders, kustomizations (through `kubectl kustomize`), `-` for standard input.
 * @throws Fault `MANIFEST_UNREADABLE`, `MANIFEST_INVALID`, `KUSTOMIZATION_INVALID`
 */
export async function readManifests(paths: readonly string[]): Promise<Manifests> {
  const parts: Manifests[] = [];
  for (const path of paths) parts.push(await readSource(path));
  return joined(parts);
}
