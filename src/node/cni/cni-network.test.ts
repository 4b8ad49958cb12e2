// The CNI project's own plugins, as Debian packs them, make the network of a node in namespaces of its own.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { systemClock } from '../../clock/index.ts';
import { formatAddress, requireAddress } from '../../ip/index.ts';
import { createKernel } from '../../kernel/index.ts';
import type { PodWire } from '../network/pod-network.ts';
import { until } from '../testing/until.ts';
import { CniPodNetwork } from './cni-network.ts';

const plugins = process.env['PORTOLAN_CNI_PLUGINS'] ?? '/usr/lib/cni';
const skip = !existsSync(join(plugins, 'bridge')) && 'no plugins: set PORTOLAN_CNI_PLUGINS';

const folder = mkdtempSync(join(tmpdir(), 'portolan-cni-node-'));
const [shared, own, state, scripts] = ['shared', 'own', 'state', 'scripts'].map((name) =>
  join(folder, name),
) as [string, string, string, string];
const kernel = createKernel();
const netns = join(folder, 'node');
const pins = [netns];
const log: string[] = [];
let network: CniPodNetwork;

const bridge = {
  type: 'bridge',
  bridge: 'cni0',
  isGateway: true,
  capabilities: { ipRanges: true },
  ipam: { type: 'host-local', routes: [{ dst: '0.0.0.0/0' }] },
};
const portmap = { type: 'portmap', capabilities: { portMappings: true } };

function drop(name: string, list: object, at = shared): void {
  const text = JSON.stringify({ cniVersion: '1.0.0', name: 'course', ...list });
  writeFileSync(join(at, name), text);
}

async function problem(pattern: RegExp): Promise<void> {
  await until(String(pattern), () => pattern.test(network.problem ?? '') || undefined);
}

async function ready(): Promise<void> {
  await until('a network', () => network.problem === undefined || undefined);
}

function open(): Promise<void> {
  network = new CniPodNetwork({
    kernel,
    clock: systemClock,
    netns,
    podCidrs: ['10.244.7.0/24'],
    configFolders: [own, shared],
    stateFolder: state,
    pluginPath: [scripts, plugins, join(import.meta.dirname, '..', '..', '..', 'bin')],
    dns: {
      clusterServers: ['10.96.0.10'],
      clusterDomain: 'cluster.local',
      hostServers: [],
      hostSearch: [],
    },
    log: (text) => log.push(text),
  });
  return network.open();
}

function wire(uid: string, hostPorts: PodWire['hostPorts'] = []): PodWire {
  return { uid, namespace: 'shop', name: uid, addresses: [], hostPorts };
}

function namespace(uid: string): string {
  const pin = join(folder, uid);
  kernel.createNetworkNamespace(pin);
  pins.push(pin);
  return pin;
}

async function attach(uid: string, hostPorts?: PodWire['hostPorts']): Promise<[string, string[]]> {
  const pin = namespace(uid);
  return [pin, (await network.attach(wire(uid, hostPorts), pin)).map(formatAddress)];
}

function run(at: string, ...command: string[]): string {
  const [file = '', ...args] = command;
  return kernel.inNamespace(at, () => spawnSync(file, args, { encoding: 'utf8' })).stdout;
}

function leases(): string[] {
  return readdirSync(join(state, 'networks', 'course')).filter((name) => name.startsWith('10.'));
}

describe('a node’s network by CNI plugins', { skip }, () => {
  before(async () => {
    mkdirSync(scripts);
    kernel.createNetworkNamespace(netns);
    await open();
  });
  after(() => {
    network.close();
    for (const pin of pins) kernel.deleteNamespace(pin);
    rmSync(folder, { recursive: true });
  });

  test('is not ready before a configuration lies there, and says why in the kubelet’s words', async () => {
    assert.equal(
      network.problem,
      'container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized',
    );
    const message =
      /failed to setup network for sandbox "[0-9a-f]{64}": cni plugin not initialized$/;
    await assert.rejects(attach('early'), { code: 'CNI_FAILED', message });
  });

  test('follows what is dropped, broken and taken away, the node’s own folder first', async () => {
    let changes = 0;
    network.onChange(() => {
      changes += 1;
    });
    writeFileSync(join(shared, '00-broken.conflist'), '{');
    await problem(/cni config load failed: 00-broken\.conflist: not JSON: /);
    drop('10-own.conflist', { plugins: [bridge] }, own);
    await ready();
    rmSync(join(own, '10-own.conflist'));
    await problem(/00-broken/);
    rmSync(join(shared, '00-broken.conflist'));
    await problem(/cni plugin not initialized$/);
    drop('10-course.conflist', { plugins: [bridge, portmap, { type: 'loopback' }] });
    await ready();
    assert.equal(changes, 5);
    rmSync(shared, { recursive: true });
    await problem(/cni plugin not initialized$/);
    drop('10-course.conflist', { plugins: [bridge, portmap, { type: 'loopback' }] });
    await ready();
  });

  test('pods get addresses of the node’s block, reach each other, and have their host ports', async () => {
    const ports = [{ hostPort: 18080, containerPort: 80, protocol: 'TCP' as const }];
    const [a, aIPs] = await attach('pod-a', ports);
    const [, bIPs] = await attach('pod-b');
    assert.deepEqual([aIPs, bIPs], [['10.244.7.2'], ['10.244.7.3']]);
    assert.ok(network.opensHostPorts);
    assert.ok(network.isRouted(requireAddress('10.244.7.2')));
    assert.ok(!network.isRouted(requireAddress('10.22.0.2')));
    assert.match(run(a, 'busybox', 'ping', '-c', '1', '-W', '2', bIPs[0] ?? ''), / 0% packet loss/);
    assert.match(
      run(netns, 'iptables', '-t', 'nat', '-S'),
      /--dport 18080 -j DNAT --to-destination 10\.244\.7\.2:80/,
    );
    assert.deepEqual(leases().sort(), ['10.244.7.2', '10.244.7.3']);
  });

  test('a new daemon takes over: CHECK finds what was broken, the lost are taken off', async () => {
    network.close();
    run(join(folder, 'pod-b'), 'ip', 'address', 'flush', 'dev', 'eth0');
    await attachLost();
    await open();
    await network.tidy(new Set(['pod-a', 'pod-b']));
    assert.deepEqual(leases().sort(), ['10.244.7.2', '10.244.7.3']);
    const told = log.filter((text) =>
      text.includes('plugin type="bridge" name="course" failed (check)'),
    );
    assert.equal(told.length, 1, log.join('\n'));
  });

  /** A pod whose end nobody saw. */
  async function attachLost(): Promise<void> {
    await open();
    await attach('pod-lost');
    assert.equal(leases().length, 3);
    network.close();
  }

  test('pods come off by the configuration that they came by, also when their namespace is gone', async () => {
    drop('10-course.conflist', { name: 'other', plugins: [bridge] });
    kernel.deleteNamespace(join(folder, 'pod-b'));
    for (const uid of ['pod-a', 'pod-b']) {
      await network.detach({ uid });
      await network.detach({ uid });
    }
    assert.deepEqual(leases(), []);
    assert.doesNotMatch(run(netns, 'iptables', '-t', 'nat', '-S'), /18080/);
  });

  test('what ADD says reaches the pod; what DEL says of a failed ADD is logged', async () => {
    drop('10-course.conflist', { plugins: [bridge, { type: 'absent' }] });
    await until('the new list', async () =>
      attach(`doomed-${pins.length}`).then(
        () => undefined,
        (error: Error) => /failed to find plugin "absent"/.test(error.message) || undefined,
      ),
    );
    log.length = 0;
    const pin = namespace('doomed');
    await assert.rejects(network.attach(wire('doomed'), pin), {
      message:
        /^rpc error: code = Unknown desc = failed to setup network for sandbox "[0-9a-f]{64}": plugin type="absent" name="course" failed \(add\): /,
    });
    await network.detach({ uid: 'doomed' });
    assert.match(log.join('\n'), /failed to destroy network for sandbox .*failed \(delete\)/);
    drop('10-course.conflist', { plugins: [bridge] });
    await until('nothing is left', async () => {
      await network.tidy(new Set());
      return leases().length === 0 || undefined;
    });
  });

  test('a plugin that says that it is not ready keeps the node so, until it is', async () => {
    const gate = join(folder, 'gate');
    const error = '{"cniVersion":"1.1.0","code":50,"msg":"the plugin sleeps"}';
    writeFileSync(join(scripts, '..', 'gate'), '');
    writeFileSync(
      join(scripts, 'gated'),
      `#!/bin/sh\n[ ! -e ${gate} ] || { echo '${error}'; exit 1; }\n`,
    );
    chmodSync(join(scripts, 'gated'), 0o755);
    drop('10-course.conflist', { cniVersion: '1.1.0', plugins: [{ type: 'gated' }] });
    await problem(
      /Network plugin returns error: plugin type="gated" name="course" failed \(status\): the plugin sleeps$/,
    );
    rmSync(gate);
    await ready();
  });

  test('GC frees what neither the node nor a pod knows of any more', async () => {
    const own = { type: 'portolan-cni', ipam: { subnet: '10.244.7.0/24' } };
    drop('10-course.conflist', { cniVersion: '1.1.0', name: 'chart', plugins: [own] });
    const isOurs = (text: string): true | undefined => text.includes('pcni') || undefined;
    await until('the new list', async () => {
      const uid = `forgotten-${pins.length}`;
      await attach(uid).catch(() => undefined);
      return isOurs(run(netns, 'ip', '-o', 'link'));
    });
    const [kept] = await attach('kept');
    const forgotten = readdirSync(join(state, 'attachments')).filter((name) =>
      name.startsWith('forgotten'),
    );
    for (const name of forgotten) rmSync(join(state, 'attachments', name));
    log.length = 0;
    await network.tidy(new Set(['kept']));
    assert.deepEqual(log, []);
    const wires = run(netns, 'ip', '-o', 'link').split('\n').filter(isOurs);
    assert.equal(wires.length, 1);
    assert.equal(readdirSync(join(state, 'networks', 'chart', 'addresses')).length, 1);
    assert.match(run(kept, 'ip', 'route'), /^default via 169\.254\.1\.1 dev eth0/);
    await network.detach({ uid: 'kept' });
    assert.equal(isOurs(run(netns, 'ip', '-o', 'link')), undefined);
  });

  test('nothing of it is in the machine’s own folders', () => {
    assert.ok(!existsSync('/var/lib/cni/networks/course'));
    assert.ok(!readFileSync('/proc/self/mountinfo', 'utf8').includes('cni0'));
  });
});
