// What both commands need before anything else runs. Plain JavaScript without packages: it runs on any Node >= 20
// and before node_modules exists.
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

export const root = join(import.meta.dirname, '..');
/** The Node 24 that everything after set-up runs on. */
export const node = join(root, 'node_modules', 'node', 'bin', 'node');

const stamp = join(root, 'node_modules', '.portolan-lock');

/** Command on the PATH -> Debian package that has it. */
const packagesToRun = { runc: 'runc', conmon: 'conmon', busybox: 'busybox-static' };
const packagesToTest = {
  ...packagesToRun,
  nft: 'nftables',
  ip: 'iproute2',
  tcpdump: 'tcpdump',
  iperf3: 'iperf3',
  strace: 'strace',
  openssl: 'openssl',
  curl: 'curl',
  kubectl: 'kubernetes-client',
};

function say(text) {
  process.stderr.write(`${text}\n`);
}

function isOnPath(command) {
  const folders = [
    ...(process.env.PATH ?? '').split(delimiter),
    '/usr/sbin',
    '/sbin',
    '/usr/bin',
    '/bin',
  ];
  return folders.some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function lockHash() {
  const lock = readFileSync(join(root, 'package-lock.json'));
  return createHash('sha256').update(lock).update(process.arch).digest('hex');
}

function run(command, args, environment = {}) {
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', 2, 2],
    env: { ...process.env, ...environment },
  });
  return error === undefined && status === 0;
}

function installNpmPackages() {
  const wanted = lockHash();
  const isFresh = existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted && existsSync(node);
  if (isFresh) return;
  say('installing npm packages (once) ...');
  const npm = process.env.npm_execpath;
  const ok =
    npm === undefined
      ? run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'])
      : run(process.execPath, [npm, 'ci', '--no-audit', '--no-fund', '--loglevel=error']);
  if (!ok || !existsSync(node)) {
    say(
      'portolan: npm packages could not be installed; run `npm ci` in this folder and read its output',
    );
    process.exit(1);
  }
  mkdirSync(join(root, 'node_modules'), { recursive: true });
  writeFileSync(stamp, wanted);
}

function installDebianPackages(wanted) {
  const missing = Object.keys(wanted).filter((command) => !isOnPath(command));
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map((command) => wanted[command]))];
  const line = `apt-get install -y --no-install-recommends ${packages.join(' ')}`;
  const isDebian = isOnPath('apt-get');
  if (process.getuid?.() !== 0 || !isDebian) {
    say(`portolan: missing ${missing.join(', ')}; as root: apt-get update && ${line}`);
    process.exit(1);
  }
  say(`installing Debian packages (once): ${packages.join(' ')} ...`);
  const environment = { DEBIAN_FRONTEND: 'noninteractive' };
  const args = ['install', '-y', '-q', '--no-install-recommends', ...packages];
  const ok =
    run('apt-get', args, environment) ||
    (run('apt-get', ['update', '-q'], environment) && run('apt-get', args, environment));
  if (!ok) {
    say(
      `portolan: Debian packages could not be installed; run it by hand: apt-get update && ${line}`,
    );
    process.exit(1);
  }
}

/** The oldest kubectl that is supported: Debian's own, unpacked beside the tests (it may not be the machine's). */
function unpackOldKubectl() {
  const folder = join(root, '.cache', 'kubectl-debian');
  const binary = join(folder, 'usr', 'bin', 'kubectl');
  if (existsSync(binary)) return binary;
  if (!isOnPath('apt-get')) return undefined;
  mkdirSync(folder, { recursive: true });
  say('fetching the Debian kubectl (once) ...');
  const download = (options) =>
    spawnSync('apt-get', [...options, 'download', 'kubernetes-client'], {
      cwd: folder,
      stdio: 'ignore',
    }).status === 0;
  if (!download(['-q'])) {
    run('apt-get', ['update', '-q']);
    if (!download(['-q'])) return undefined;
  }
  execFileSync('sh', ['-c', 'for f in *.deb; do dpkg -x "$f" . && rm "$f"; done'], { cwd: folder });
  return existsSync(binary) ? binary : undefined;
}

/**
 * Makes the machine ready and returns quickly when it is.
 * @param {'run' | 'test'} purpose
 */
export function setUp(purpose) {
  if (process.platform !== 'linux') {
    say('portolan: Linux only (it builds the network from Linux namespaces and nftables)');
    process.exit(1);
  }
  installNpmPackages();
  installDebianPackages(purpose === 'test' ? packagesToTest : packagesToRun);
  if (purpose === 'test') {
    const old = process.env.PORTOLAN_KUBECTL_OLD ?? unpackOldKubectl();
    if (old !== undefined) process.env.PORTOLAN_KUBECTL_OLD = old;
  }
}
