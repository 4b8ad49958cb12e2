// A runtime that is not ours: Debian's podman 4 with its CNI back end calls the plugin, chained with portmap.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

const podman = process.env['PORTOLAN_PODMAN'] ?? '';
const plugins = process.env['PORTOLAN_CNI_PLUGINS'] ?? '';
const isThere = existsSync(podman) && existsSync(plugins);
const skip = !isThere && 'no podman: set PORTOLAN_PODMAN and PORTOLAN_CNI_PLUGINS';

const folder = mkdtempSync(join(tmpdir(), 'portolan-podman-'));
const cgroup = `portolan-podman-${process.pid}`;
const root = join(import.meta.dirname, '..', '..');

function writeSettings(): void {
  const network = {
    cniVersion: '1.0.0',
    name: 'chart',
    plugins: [
      { type: 'portolan-cni', ipam: { subnet: '10.77.0.0/24', dataDir: join(folder, 'data') } },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  };
  mkdirSync(join(folder, 'net.d'));
  writeFileSync(join(folder, 'net.d', '10-chart.conflist'), JSON.stringify(network));
  writeFileSync(
    join(folder, 'containers.conf'),
    `[network]
network_backend = "cni"
cni_plugin_dirs = [${JSON.stringify(join(root, 'bin'))}, ${JSON.stringify(plugins)}]
network_config_dir = ${JSON.stringify(join(folder, 'net.d'))}
default_network = "chart"
[engine]
cgroup_manager = "cgroupfs"
events_logger = "none"
runtime = "runc"
`,
  );
  writeFileSync(
    join(folder, 'storage.conf'),
    `[storage]
driver = "vfs"
graphroot = ${JSON.stringify(join(folder, 'graph'))}
runroot = ${JSON.stringify(join(folder, 'run'))}
`,
  );
}

function writeRootfs(): void {
  for (const name of ['bin', 'proc', 'sys', 'dev', 'etc', 'tmp']) {
    mkdirSync(join(folder, 'rootfs', name), { recursive: true });
  }
  copyFileSync('/bin/busybox', join(folder, 'rootfs', 'bin', 'busybox'));
  symlinkSync('busybox', join(folder, 'rootfs', 'bin', 'sh'));
}

/** Where a container keeps its files and its network are the script's own, and go with it. */
const prologue = `set -eu
mount -t tmpfs tmpfs /var/lib
mount -t tmpfs tmpfs /run
ip link set lo up
ip address add 192.0.2.1/32 dev lo
trap '"$PODMAN" rm -f -t 0 -a >&2' EXIT
start() {
  name=$1; shift
  "$PODMAN" run -d --name "$name" --cgroup-parent ${cgroup} --security-opt seccomp=unconfined \\
    --ulimit nofile=1024:1024 --ulimit nproc=1024:1024 "$@" --rootfs ${folder}/rootfs:O >&2 /bin/busybox sh -c \\
    "mkdir -p /tmp/w; echo this is $name > /tmp/w/index.html; exec busybox httpd -f -p 80 -h /tmp/w"
}
address() { "$PODMAN" inspect "$1" -f '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}'; }
ask() { curl --silent --show-error --retry 20 --retry-connrefused --retry-delay 1 --max-time 30 "$1"; }
`;

/** Runs a shell script with podman in network and mount namespaces of its own. @returns what it prints */
function inMachine(script: string): Promise<string> {
  const libraries = ['usr/lib', 'lib'].flatMap((path) =>
    globSync(join(podman, '..', '..', '..', path, '*-linux-gnu')),
  );
  const env = {
    ...process.env,
    PODMAN: podman,
    PATH: `${process.env['PATH']}:/usr/sbin:/sbin`,
    CONTAINERS_CONF: join(folder, 'containers.conf'),
    CONTAINERS_STORAGE_CONF: join(folder, 'storage.conf'),
    LD_LIBRARY_PATH: libraries.join(':'),
  };
  return new Promise((resolve, reject) => {
    const args = ['--mount', '--net', 'sh', '-c', prologue + script];
    execFile('unshare', args, { env, timeout: 120_000 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`${error.message}\n${stdout}\n${stderr}`));
    });
  });
}

describe('podman', { skip }, () => {
  before(() => {
    writeSettings();
    writeRootfs();
  });
  after(() => {
    for (const path of globSync(`/sys/fs/cgroup/{,*/}${cgroup}{,/**/}`).sort().reverse())
      rmdirSync(path);
    rmSync(folder, { recursive: true, force: true });
  });

  test('connects containers to each other and to a port of the host, and takes them off', async () => {
    const output = await inMachine(`
      start one -p 8080:80
      start two
      echo "one has $(address one)"
      ask "http://$(address two)/"
      "$PODMAN" exec one busybox wget -qO- "http://$(address two)/"
      ask http://192.0.2.1:8080/
      "$PODMAN" rm -f -t 0 one two >&2
      echo "left: $(ip -o link | grep -c pcni || true) wires, $(ls ${folder}/data/chart/addresses | wc -l) addresses"
    `);
    assert.match(output, /^one has 10\.77\.0\.1\nthis is two\nthis is two\nthis is one\n/);
    assert.match(output, /left: 0 wires, 0 addresses\n$/);
  });
});
