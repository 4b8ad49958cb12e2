import { spawnSync } from 'node:child_process';
import { accessSync, constants, mkdirSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Where packages are unpacked: what is installed on a machine is its owner's affair, and a package may start a service. */
const cache = join(import.meta.dirname, '..', '..', '.cache', 'bench-peers');
const unpackedFolders = [join(cache, 'usr', 'sbin'), join(cache, 'usr', 'bin')];
const folders = [
  ...(process.env['PATH'] ?? '').split(delimiter),
  '/usr/sbin',
  '/usr/bin',
  ...unpackedFolders,
];

/** What unpacked programs need to find the libraries that came with them. */
export function programEnv(): NodeJS.ProcessEnv {
  // Asked anew each time: libraries may have been unpacked since.
  return { ...process.env, LD_LIBRARY_PATH: readableLibraries().join(delimiter) };
}

/** Debian has its libraries in one folder below this for each architecture. */
function readableLibraries(): string[] {
  const libraries = join(cache, 'usr', 'lib');
  try {
    return [libraries, ...readdirSync(libraries).map((name) => join(libraries, name))];
  } catch {
    return [];
  }
}

function pathOf(program: string): string | undefined {
  return folders
    .map((folder) => join(folder, program))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

function succeeds(command: string, args: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'] }).status === 0;
}

/** Fetches the packages and what they need beside what is installed, and unpacks them; nothing is set up. */
function unpack(packages: readonly string[]): boolean {
  const archives = join(cache, 'archives');
  mkdirSync(join(archives, 'partial'), { recursive: true });
  const options = ['-q', '-y', '--no-install-recommends', '--download-only'];
  const place = ['-o', `Dir::Cache::archives=${archives}`];
  const fetch = (): boolean => succeeds('apt-get', ['install', ...options, ...place, ...packages]);
  if (!fetch() && !(succeeds('apt-get', ['-q', 'update']) && fetch())) return false;
  return readdirSync(archives)
    .filter((name) => name.endsWith('.deb'))
    .every((name) => succeeds('dpkg-deb', ['-x', join(archives, name), cache]));
}

/**
 * The path of each program; those that the machine lacks are unpacked from their Debian packages, once.
 * @param wanted program -> package
 * @throws Error with the line that installs what cannot be had
 */
export function requirePrograms<Name extends string>(
  wanted: Readonly<Record<Name, string>>,
): Readonly<Record<Name, string>> {
  const names = Object.keys(wanted) as Name[];
  const packages = names.filter((name) => pathOf(name) === undefined).map((name) => wanted[name]);
  if (packages.length > 0) {
    console.error(`unpacking Debian packages (once): ${packages.join(' ')} ...`);
    unpack(packages);
  }
  const found = names.map((name): [Name, string | undefined] => [name, pathOf(name)]);
  const missing = found.filter(([, path]) => path === undefined).map(([name]) => wanted[name]);
  if (missing.length > 0) {
    throw new Error(`as root: apt-get install --no-install-recommends ${missing.join(' ')}`);
  }
  return Object.fromEntries(found) as Record<Name, string>;
}
