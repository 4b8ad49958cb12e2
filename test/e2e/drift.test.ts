// Rules that something else takes away from a node: they are back before anybody can make use of it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { TestCluster, untilMatch } from './harness.ts';
import { manifest, pod, sleeper, webServer } from './manifests.ts';

const cluster = new TestCluster();
const { kubectl } = cluster;

const denyAll = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'deny' },
  spec: { podSelector: { matchLabels: { app: 'closed' } } },
};

before(async () => {
  await cluster.start('--nodes', '2');
  await kubectl.apply(
    manifest(
      pod('open', { containers: [webServer], nodeName: 'node2' }),
      pod('closed', { containers: [webServer], nodeName: 'node2' }),
      pod('client', { containers: [sleeper], nodeName: 'node1' }),
    ),
  );
  await kubectl.apply(JSON.stringify(denyAll));
  for (const name of ['open', 'closed']) {
    await kubectl('expose', 'pod', name, '--port=80', '--target-port=8080');
  }
  await kubectl.wait('pod', 'condition=Ready', '--all');
});
after(() => cluster.close());

/** By name and Service address: what DNS, Services and policies do for it. */
const fetch = (service: string): string[] => [
  'exec',
  'client',
  '--',
  'wget',
  '-qO-',
  '--timeout=2',
  service,
];

/** Runs nft on a node, as a user may. Resolves when the daemon has said what it repaired. */
async function breakRules(node: string, command: string): Promise<string> {
  const log = (): string =>
    readFileSync(join(cluster.home, 'clusters', 'portolan', 'daemon.log'), 'utf8');
  const before = log().length;
  await cluster.portolan('exec', node, '--', 'nft', command);
  const pattern = new RegExp(
    String.raw`${node}: nft \(pid \d+\) changed nftables rules of Portolan, repaired: (.*)`,
  );
  const [, repaired = ''] = await untilMatch(pattern, () => Promise.resolve(log().slice(before)));
  return repaired.replaceAll(/ \(\d+ changes?\)/g, '');
}

describe('rules that something else changes', () => {
  for (const [node, command, tables] of [
    ['node1', 'flush ruleset', 'portolan-policy, portolan, portolan-dns'],
    ['node2', 'flush ruleset', 'portolan-policy, portolan, portolan-dns'],
    ['node2', 'delete table ip portolan-policy', 'portolan-policy'],
    ['node1', 'flush chain ip portolan services', 'portolan'],
  ] as const) {
    test(`are repaired at once: ${command} on ${node}`, async () => {
      assert.equal(await breakRules(node, command), tables);
      await kubectl(...fetch('open'));
      assert.match(await kubectl.fails(...fetch('closed')), /timed out/);
    });
  }

  test('make a node not ready when something insists', async () => {
    const insist = [
      'for i in $(seq 40); do',
      'nft flush chain ip portolan-policy forward;',
      'done',
    ];
    const insisted = cluster.portolan('exec', 'node2', '--', 'sh', '-c', insist.join(' '));
    await kubectl.wait('node/node2', 'condition=Ready=false');
    const path = '{.status.conditions[?(@.type=="Ready")].message}';
    const message = await kubectl.read(path, 'node', 'node2');
    assert.match(message, /RulesContested: nft \(pid \d+\).* keeps changing nftables rules/);
    await insisted;
  });
});
