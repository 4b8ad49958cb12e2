import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { SourceFile } from './source-tree.ts';

/** Tests compare with the real thing, which may stand above: a codec with the kernel. */
function isTest({ path }: SourceFile): boolean {
  return path.endsWith('.test.ts') || path.includes('/testing/');
}

/** Imports of a room that does not stand before the importing one; tests may look anywhere. */
export function upwardImports(files: readonly SourceFile[], order: readonly string[]): string[] {
  const rank = (room: string): number => {
    const position = order.indexOf(room);
    return position === -1 ? Infinity : position;
  };
  const product = files.filter((file) => !isTest(file));
  return product.flatMap((file) =>
    file.imports
      .filter(({ target }) => !target.startsWith('..'))
      .filter(({ target }) => rank(target.split('/')[0] ?? '') > rank(file.room))
      .map(({ target, line }) => `${file.path}:${line} imports ${target}, which stands above it`),
  );
}

/** Rooms on disk that the order does not name, and names in the order without a room. */
export function unlistedRooms(root: string, order: readonly string[]): string[] {
  const found = readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
  return [
    ...found.filter((room) => !order.includes(room)).map((room) => `${room} is not in the order`),
    ...order.filter((room) => !found.includes(room)).map((room) => `${room} has no folder`),
  ];
}

/** Every file that takes part in an import cycle, named by one cycle it is in. */
export function importCycles(files: readonly SourceFile[]): string[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    const seenAt = trail.indexOf(path);
    if (seenAt !== -1) {
      cycles.push([...trail.slice(seenAt), path].join(' -> '));
      return;
    }
    if (done.has(path)) return;
    for (const { target, isTypeOnly } of byPath.get(path)?.imports ?? []) {
      if (!isTypeOnly && byPath.has(target)) visit(target, [...trail, path]);
    }
    done.add(path);
  };
  for (const { path } of files) visit(path, []);
  return cycles;
}

/** Files and folders that are not kebab-case. */
export function badFileNames(files: readonly SourceFile[]): string[] {
  return files
    .filter(
      ({ path }) => !path.split('/').every((part) => /^[a-z0-9]+([-.][a-z0-9]+)*$/.test(part)),
    )
    .map(({ path }) => `${path} is not kebab-case`);
}

/** Rooms without the furniture that every room has. */
export function unfurnishedRooms(root: string, order: readonly string[]): string[] {
  return order.flatMap((room) =>
    ['index.ts', 'README.md']
      .filter((name) => !existsSync(join(root, room, name)))
      .map((name) => `${room} has no ${name}`),
  );
}

/** Files inside a room that import the room's own index: the way cycles begin. */
export function ownIndexImports(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) =>
    file.imports
      .filter(({ target }) => target === `${file.room}/index.ts`)
      .map(({ line }) => `${file.path}:${line} imports its own room's index`),
  );
}

/** `ip`, `nft` and `iptables` are for tests to compare with; the product speaks netlink. */
export function networkCommands(files: readonly SourceFile[]): string[] {
  const call =
    /\b(?:spawn|spawnSync|exec|execSync|execFile|execFileSync)\(\s*['"`](?:ip|nft|iptables|ip6tables)\b/g;
  return files
    .filter(({ path }) => !path.endsWith('.test.ts') && !path.includes('/testing/'))
    .flatMap((file) =>
      [...file.text.matchAll(call)].map(
        (match) =>
          `${file.path}:${file.text.slice(0, match.index).split('\n').length} starts a network command`,
      ),
    );
}
