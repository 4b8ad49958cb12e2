import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { requireCidr } from '../../ip/index.ts';
import { TestKernel } from '../../kernel/testing/test-kernel.ts';
import type { Pod, PodSpec } from '../../kube/index.ts';
import { findLink } from '../../netlink/index.ts';
import { AddressPool } from '../network/address-pool.ts';
import { VethPodNetwork, wireName } from '../network/pod-network.ts';
import { Sandboxes, type SandboxContext } from './sandbox.ts';

const machine = new TestKernel();
const { kernel, directory } = machine;
const netns = machine.namespace('node');
const node = machine.connect(netns);
const network = new VethPodNetwork(kernel, netns);
const paths = {
  pods: join(directory, 'pods'),
  logs: join(directory, 'logs'),
  namespaces: join(directory, 'ns'),
};
mkdirSync(paths.pods);
mkdirSync(paths.namespaces);

/** A node's sandboxes; another call is another daemon. */
function open(
  blocks = ['10.244.0.0/24', 'fd00:10:244::/64'],
  policies?: SandboxContext['policies'],
): Sandboxes {
  const dns = {
    clusterServers: [],
    clusterDomain: 'cluster.local',
    hostServers: [],
    hostSearch: [],
  };
  const context = {
    nodeName: 'node1',
    nodeIPs: ['172.18.0.2'],
    netns,
    kernel,
    network,
    paths,
    dns,
    ...(policies && { policies }),
  };
  return new Sandboxes(context, new AddressPool(blocks.map(requireCidr)));
}

const made = new Set<string>();
function pod(uid: string, spec: Partial<PodSpec> = {}): Pod {
  made.add(uid);
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: uid, namespace: 'default', uid },
    spec: { containers: [], ...spec },
  };
}

after(async () => {
  for (const uid of made) await open().remove(uid);
  network.close();
  assert.deepEqual(machine.mounts(), [netns]);
  machine.dispose();
});

function addressesIn(pin: string): string {
  return kernel.inNamespace(pin, () =>
    spawnSync('/bin/busybox', ['ip', 'address', 'show', 'dev', 'eth0'], { encoding: 'utf8' }),
  ).stdout;
}

test('a sandbox has its addresses, its host name and its files', async () => {
  const sandboxes = open();
  const sandbox = await sandboxes.create(pod('web', { hostname: 'front' }));
  assert.deepEqual(sandbox.podIPs, ['10.244.0.2', 'fd00:10:244::2']);
  const shown = addressesIn(sandbox.namespaces.net);
  assert.match(shown, /inet 10\.244\.0\.2\/32/);
  assert.match(shown, /inet6 fd00:10:244::2\/128/);
  assert.equal(readFileSync(sandbox.files.hostname, 'utf8'), 'front\n');
  assert.match(readFileSync(sandbox.files.hosts, 'utf8'), /10\.244\.0\.2\tfront\n/);
  assert.equal(sandboxes.isIntact(sandbox), true);
  assert.notEqual(findLink(node, wireName('web')), undefined);
});

test('one family is enough', async () => {
  const sandbox = await open(['10.244.7.0/24']).create(pod('single'));
  assert.deepEqual(sandbox.podIPs, ['10.244.7.2']);
  assert.doesNotMatch(addressesIn(sandbox.namespaces.net), /inet6 fd/);
});

test('another daemon finds it, and gives its addresses to nobody else', async () => {
  const earlier = await open().create(pod('kept'));
  const later = open();
  const found = later.adopt(pod('kept'));
  assert.deepEqual(found, earlier);
  const next = await later.create(pod('next'));
  assert.equal(next.podIPs.includes(earlier.podIPs[0] ?? ''), false);
});

test('policies hear of a pod before it has a link, of one that was there, and when its link is gone', async () => {
  const heard: string[] = [];
  const hasLink = (uid: string): boolean => findLink(node, wireName(uid)) !== undefined;
  const tell = (what: string, uid: string): void =>
    void heard.push(`${what} ${uid}, ${hasLink(uid) ? 'a link' : 'no link'}`);
  const sandboxes = open(['10.244.8.0/24'], {
    problem: undefined,
    onChange: () => {},
    announce: ({ metadata }) => {
      if (metadata.uid === 'refused') throw new Error('the kernel refused');
      tell('announce', metadata.uid ?? '');
    },
    adopt: ({ metadata }) => tell('adopt', metadata.uid ?? ''),
    retract: (uid) => tell('retract', uid),
  });
  await sandboxes.create(pod('guarded'));
  sandboxes.adopt(pod('guarded'));
  await sandboxes.remove('guarded');
  await assert.rejects(sandboxes.create(pod('refused')), { message: 'the kernel refused' });
  assert.deepEqual(heard, [
    'announce guarded, no link',
    'adopt guarded, a link',
    'retract guarded, no link',
    'retract refused, no link',
  ]);
});

test('without its namespaces it is not intact, and comes back with its addresses', async () => {
  const sandboxes = open();
  const object = pod('displaced');
  const earlier = await sandboxes.create(object);
  for (const pin of Object.values(earlier.namespaces)) kernel.deleteNamespace(pin);
  assert.equal(sandboxes.isIntact(earlier), false);
  const again = await sandboxes.create(object);
  assert.deepEqual(again.podIPs, earlier.podIPs);
  assert.equal(sandboxes.isIntact(again), true);
});

test('what a killed daemon only began is taken down and made anew', async () => {
  const sandbox = await open().create(pod('begun'));
  writeFileSync(join(sandbox.directory, 'sandbox.json'), '{"hostna');
  const later = open();
  assert.equal(later.adopt(pod('begun')), undefined);
  assert.equal(later.isIntact(await later.create(pod('begun'))), true);
});

test('a pod of the host network has the node’s network and addresses', async () => {
  const sandbox = await open().create(pod('host', { hostNetwork: true }));
  assert.equal(sandbox.namespaces.net, netns);
  assert.deepEqual(sandbox.podIPs, ['172.18.0.2']);
  assert.equal(sandbox.hostname, 'node1');
});

test('removing takes everything, twice is harmless, and files are asked by name', async () => {
  const sandboxes = open();
  const sandbox = await sandboxes.create(pod('gone'));
  assert.ok((await sandboxes.known()).includes('gone'));
  await sandboxes.remove('gone');
  await sandboxes.remove('gone');
  assert.equal(sandboxes.isIntact(sandbox), false);
  assert.equal(findLink(node, wireName('gone')), undefined);
  assert.equal(sandboxes.adopt(pod('gone')), undefined);
  rmSync(sandbox.directory, { recursive: true });
});

test('a failure leaves nothing behind', async () => {
  const full = open(['10.244.9.0/30']);
  await full.create(pod('first'));
  await assert.rejects(full.create(pod('second')), { code: 'NO_POD_ADDRESS_LEFT' });
  const domain = { hostname: 'x'.repeat(60), subdomain: 'long', setHostnameAsFQDN: true };
  await assert.rejects(open().create(pod('named', domain)), { code: 'HOSTNAME_TOO_LONG' });
  assert.equal(
    machine.mounts().some((path) => /second|named/.test(path)),
    false,
  );
});
