// What both commands need before anything else runs. Plain JavaScript without packages: it runs on any Node >= 20
// and before node_modules exists.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { installDebianPackages, unpackForTests } from './debian.mjs';
import { fetchKubernetesClient } from './kubernetes-client.mjs';
import { fail, root, run, runNpm, say } from './steps.mjs';

/** The Node 24 that everything after set-up runs on. */
export const node = join(root, 'node_modules', 'node', 'bin', 'node');

/** Written last: an install that was interrupted has none, and is begun again. */
const stamp = join(root, 'node_modules', '.portolan-lock');

const OLDEST_NODE = 20;

/** Command -> Debian package that has it. */
const packagesToRun = { runc: 'runc', conmon: 'conmon', busybox: 'busybox-static' };
const packagesToTest = {
  ...packagesToRun,
  nft: 'nftables',
  ip: 'iproute2',
  iptables: 'iptables',
  tcpdump: 'tcpdump',
  iperf3: 'iperf3',
  strace: 'strace',
  openssl: 'openssl',
  skopeo: 'skopeo',
  curl: 'curl',
  kubectl: 'kubernetes-client',
};

function lockHash() {
  const lock = readFileSync(join(root, 'package-lock.json'));
  return createHash('sha256').update(lock).update(process.arch).digest('hex');
}

function isInstalled(wanted) {
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted && existsSync(node);
}

function installNpmPackages() {
  const wanted = lockHash();
  if (isInstalled(wanted)) return;
  say('installing npm packages (once) ...');
  if (!runNpm(['ci', '--no-audit', '--no-fund', '--loglevel=error']) || !existsSync(node)) {
    fail('npm packages could not be installed; run `npm ci` in this folder and read its output');
  }
  writeFileSync(stamp, wanted);
}

/** Done now, the first start is as quick as the second. */
function warm() {
  const environment = {
    NODE_COMPILE_CACHE: join(root, 'node_modules', '.cache', 'compile'),
    NODE_NO_WARNINGS: '1',
  };
  run(node, [join(root, 'scripts', 'warm.mjs')], environment);
}

function checkMachine() {
  if (process.platform !== 'linux') {
    fail('Linux only: the network is built from Linux namespaces and nftables');
  }
  if (Number(process.versions.node.split('.')[0]) < OLDEST_NODE) {
    fail(`set-up needs Node ${OLDEST_NODE} or newer; this is ${process.version}`);
  }
}

/**
 * Makes the machine ready and returns quickly when it is.
 * @param {'run' | 'test'} purpose
 */
export function setUp(purpose) {
  checkMachine();
  installNpmPackages();
  warm();
  installDebianPackages(purpose === 'test' ? packagesToTest : packagesToRun);
  if (purpose !== 'test') return;
  fetchKubernetesClient();
  unpackForTests();
}
