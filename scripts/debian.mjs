// Debian packages: installs what is missing as root, else prints the one line that does.
import { execFileSync, spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
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

/**
 * What apt would install for these packages: they, and all they need that the machine lacks. It is only asked, which
 * takes no root.
 */
function withMissingLibraries(packages) {
  const { stdout } = spawnSync(
    'apt-get',
    ['--simulate', '--no-install-recommends', 'install', ...packages],
    { encoding: 'utf8' },
  );
  const missing = [...(stdout ?? '').matchAll(/^Inst (\S+)/gm)].map(([, name]) => name);
  return [...new Set([...packages, ...missing])];
}

function download(folder, packages) {
  const { status } = spawnSync('apt-get', ['-q', 'download', ...packages], {
    cwd: folder,
    stdio: 'ignore',
  });
  return status === 0;
}

/**
 * Unpacks Debian packages beside the tests: the machine may have others, or none, and keeps them.
 * @param what {{ folder: string, packages: readonly string[], file: string, isComplete?: boolean }} `file` is what is
 * wanted of them; not complete, they are fetched with the libraries that the machine lacks
 * @returns its path; undefined where it cannot be had
 */
function unpack({ folder: name, packages, file, isComplete = true }) {
  const folder = join(cache, name);
  const wanted = join(folder, file);
  if (existsSync(wanted)) return wanted;
  if (!isInstalled('apt-get')) return undefined;
  // Under its name when all is there: an unpacking that was interrupted is begun again.
  const partial = `${folder}.partial`;
  for (const old of [folder, partial]) rmSync(old, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  say(`fetching Debian's ${packages[0]} (once) ...`);
  const fetch = () => download(partial, isComplete ? packages : withMissingLibraries(packages));
  if (!fetch() && !(run('apt-get', ['-q', 'update']) && fetch())) return undefined;
  const each = 'set -e; for f in *.deb; do dpkg -x "$f" .; rm "$f"; done';
  execFileSync('sh', ['-c', each], { cwd: partial });
  renameSync(partial, folder);
  return existsSync(wanted) ? wanted : undefined;
}

/** By environment variable: what tests compare with, or are driven by. */
const unpacked = {
  /** The oldest kubectl that is supported. */
  PORTOLAN_KUBECTL_OLD: {
    folder: 'kubectl-debian',
    packages: ['kubernetes-client'],
    file: 'usr/bin/kubectl',
  },
  /** The CNI project's own plugins. */
  PORTOLAN_CNI_PLUGINS: {
    folder: 'cni-debian',
    packages: ['containernetworking-plugins'],
    file: 'usr/lib/cni',
  },
  /** The other engine of the ingress, with the libraries that a machine may lack. */
  PORTOLAN_HAPROXY: {
    folder: 'haproxy-debian',
    packages: ['haproxy', 'liblua5.3-0', 'libopentracing-c-wrapper0', 'libopentracing1'],
    file: 'usr/sbin/haproxy',
  },
  /** A CNI runtime that is not ours, with the libraries that a machine may lack. */
  PORTOLAN_PODMAN: {
    folder: 'podman-debian',
    packages: [
      'podman',
      'libgpgme11',
      'libassuan0',
      'libsubid4',
      'libdevmapper1.02.1',
      'libseccomp2',
    ],
    file: 'usr/bin/podman',
  },
  /** A gRPC client that is not ours, for Debian's Python. */
  PORTOLAN_GRPC: {
    folder: 'grpc-debian',
    packages: [
      'python3-grpcio',
      'python3-six',
      'libgrpc29',
      'libabsl20220623',
      'libc-ares2',
      'libre2-9',
    ],
    file: 'usr/lib/python3/dist-packages/grpc',
  },
  /** A browser without a window. Its libraries are forty: only apt knows which of them a machine lacks. */
  PORTOLAN_CHROMIUM: {
    folder: 'chromium-debian',
    packages: ['chromium-headless-shell', 'chromium-common'],
    file: 'usr/lib/chromium/chromium-headless-shell',
    isComplete: false,
  },
};

/** Sets the variables of what could be had; tests skip what they do not find. */
export function unpackForTests() {
  for (const [variable, what] of Object.entries(unpacked)) {
    const path = process.env[variable] ?? unpack(what);
    if (path !== undefined && path !== '') process.env[variable] = path;
  }
}
