import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Fault } from '../../src/fault/index.ts';

/**
 * Unpacks Debian packages, with the libraries they depend on, into a directory: enough of a root file system to run
 * their programs. No maintainer script runs.
 * @throws Fault `DEBIAN_UNREACHABLE`
 */
export function unpackPackages(packages: readonly string[], root: string): void {
  const downloads = mkdtempSync(join(tmpdir(), 'portolan-debian-'));
  try {
    mkdirSync(root, { recursive: true });
    download(closure(packages), downloads);
    for (const file of readdirSync(downloads)) {
      execFileSync('dpkg-deb', ['-x', join(downloads, file), root]);
    }
  } finally {
    rmSync(downloads, { recursive: true, force: true });
  }
}

/** The packages and, all the way down, the libraries they depend on. */
function closure(packages: readonly string[]): string[] {
  const found = new Set(packages);
  let fresh = [...packages];
  while (fresh.length > 0) {
    fresh = librariesOf(fresh).filter((name) => !found.has(name));
    for (const name of fresh) found.add(name);
  }
  return [...found];
}

function librariesOf(packages: readonly string[]): string[] {
  const without = ['recommends', 'suggests', 'conflicts', 'breaks', 'replaces', 'enhances'];
  const output = apt('apt-cache', [
    'depends',
    ...without.map((kind) => `--no-${kind}`),
    ...packages,
  ]);
  const names = output.matchAll(/^ *\|?(?:Pre)?Depends: ((?:lib|zlib|gcc-)\S+)$/gm);
  return [...new Set([...names].map((match) => match[1] ?? ''))];
}

function download(packages: readonly string[], directory: string): void {
  // As root throughout: apt's own sandbox user cannot write to a private directory.
  apt('apt-get', ['download', '-qq', '-o', 'APT::Sandbox::User=root', ...packages], directory);
}

function apt(command: string, args: readonly string[], cwd = '/'): string {
  try {
    return execFileSync(command, args, {
      cwd,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  } catch (cause) {
    throw new Fault({
      code: 'DEBIAN_UNREACHABLE',
      message: `test images are made from Debian packages, and \`${command} ${args.join(' ')}\` failed: ${String(
        (cause as { stderr?: unknown }).stderr ?? cause,
      ).trim()}`,
      advice:
        'Run the tests once on Debian with its package archive in reach; the images are kept in .cache/images.',
      cause,
    });
  }
}
