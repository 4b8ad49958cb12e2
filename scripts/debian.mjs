// Debian packages: installs what is missing as root, else prints the one line that does.
import { execFileSync, spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { cache, fail, run, say } from './steps.mjs';

/** Where Debian has programs, also those that a user's PATH leaves out. */
const programFolders = ['/usr/sbin', '/sbin', '/usr/bin', '/bin'];

function isInstalled(command) {
  return [...(process.env.PATH ?? '').split(delimiter), ...programFolders].some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** @param wanted {Record<string, string>} command -> the package that has it */
export function installDebianPackages(wanted) {
  const missing = Object.keys(wanted).filter((command) => !isInstalled(command));
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map((command) => wanted[command]))];
  const options = ['install', '-y', '--no-install-recommends', ...packages];
  const line = `apt-get update && apt-get ${options.join(' ')}`;
  if (process.getuid?.() !== 0 || !isInstalled('apt-get')) {
    fail(`missing ${missing.join(', ')}; as root: ${line}`);
  }
  say(`installing Debian packages (once): ${packages.join(' ')} ...`);
  const environment = { DEBIAN_FRONTEND: 'noninteractive' };
  const install = () => run('apt-get', ['-q', ...options], environment);
  // The lists are fetched only when those that are there do not do: mostly they do.
  if (install() || (run('apt-get', ['-q', 'update'], environment) && install())) return;
  fail(`Debian packages could not be installed; run it by hand: ${line}`);
}

function download(folder) {
  const { status } = spawnSync('apt-get', ['-q', 'download', 'kubernetes-client'], {
    cwd: folder,
    stdio: 'ignore',
  });
  return status === 0;
}

/**
 * The oldest kubectl that is supported: Debian's own, unpacked beside the tests (the machine's may be another).
 * @returns its path; undefined where it cannot be had
 */
export function unpackOldKubectl() {
  const folder = join(cache, 'kubectl-debian');
  const binary = join(folder, 'usr', 'bin', 'kubectl');
  if (existsSync(binary)) return binary;
  if (!isInstalled('apt-get')) return undefined;
  mkdirSync(folder, { recursive: true });
  say('fetching the Debian kubectl (once) ...');
  if (!download(folder) && !(run('apt-get', ['-q', 'update']) && download(folder)))
    return undefined;
  execFileSync('sh', ['-c', 'for f in *.deb; do dpkg -x "$f" . && rm "$f"; done'], { cwd: folder });
  return existsSync(binary) ? binary : undefined;
}
