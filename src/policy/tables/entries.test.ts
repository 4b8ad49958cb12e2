import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ANY_OUTSIDER, ANY_POD, EVERYTHING, NOTHING } from '../compiled.ts';
import { api, bare, isWeb, nodes, outside, web } from '../testing/cast.ts';
import { admits, compilerOf, tableOf, textOf } from '../testing/compilers.ts';
import { clusterPolicyOf, podOf, policyOf } from '../testing/objects.ts';

describe('entries', () => {
  test('fallbacks are for peers that no rule is about, and only others have their own', () => {
    const compiler = compilerOf([web, api, bare]);
    const [subject] = tableOf(compiler, 'classes').filter((entry) =>
      textOf(entry).endsWith('.0.2'),
    );
    const rows = tableOf(compiler, 'admissions').filter(
      (entry) => entry.subject === subject?.class,
    );
    const byPeer = new Map(rows.map(({ peer, portSet }) => [peer, portSet]));
    assert.equal(byPeer.get(ANY_POD), NOTHING);
    assert.equal(byPeer.get(ANY_OUTSIDER), NOTHING);
    assert.deepEqual(
      [...byPeer.values()].filter((portSet) => portSet !== NOTHING),
      [EVERYTHING],
    );
  });

  test('a rule for the whole internet makes no exception of every pod', () => {
    const internet = policyOf('p', {
      podSelector: isWeb,
      policyTypes: ['Egress'],
      egress: [{ to: [{ ipBlock: { cidr: '0.0.0.0/0', except: ['169.254.169.254/32'] } }] }],
    });
    const compiler = compilerOf([web, api, bare], [internet]);
    const peers = tableOf(compiler, 'admissions').filter(({ family }) => family === 4);
    const pods = new Set(tableOf(compiler, 'classes').map((entry) => entry.class));
    assert.deepEqual(
      peers.filter(({ peer }) => pods.has(peer)),
      [],
    );
    assert.equal(admits(compiler, '10.244.0.2', '10.244.0.3'), true);
    assert.equal(admits(compiler, '10.244.0.2', outside), true);
    assert.equal(admits(compiler, '10.244.0.2', '169.254.169.254'), false);
  });

  test('a pod outside the ranges is no stranger to blocks that hold them', () => {
    const inRanges = policyOf('p', {
      podSelector: isWeb,
      ingress: [{ from: [{ ipBlock: { cidr: '10.244.0.0/16' } }] }],
    });
    const distant = podOf('dns', { ips: ['10.96.0.10'] });
    for (const [pods, later] of [
      [[web, api, distant], undefined],
      [[web, api], distant],
    ] as const) {
      const compiler = compilerOf(pods, [inRanges]);
      if (later !== undefined) compiler.setPod(later);
      assert.equal(admits(compiler, '10.96.0.10', '10.244.0.2'), false);
      assert.equal(admits(compiler, '10.244.0.3', '10.244.0.2'), true);
    }
  });

  test('blocks are cut into intervals that do not overlap', () => {
    const compiler = compilerOf(
      [web],
      [
        policyOf('p', {
          podSelector: isWeb,
          ingress: [
            { from: [{ ipBlock: { cidr: '192.0.2.0/24', except: ['192.0.2.64/26'] } }] },
            { from: [{ ipBlock: { cidr: '192.0.2.96/27' } }], ports: [{ port: 80 }] },
          ],
        }),
      ],
    );
    assert.deepEqual(
      tableOf(compiler, 'blocks')
        .map(textOf)
        .filter((text) => text.startsWith('blocks 192')),
      [
        'blocks 192.0.2.0-192.0.2.63',
        'blocks 192.0.2.96-192.0.2.127',
        'blocks 192.0.2.128-192.0.2.255',
      ],
    );
  });

  test('addresses of nodes are told apart once a policy asks about nodes', () => {
    const compiler = compilerOf([web]);
    for (const node of nodes) compiler.setNode(node);
    const ofNodes = (): string[] =>
      tableOf(compiler, 'blocks')
        .map(textOf)
        .filter((text) => text.includes('172.18'));
    assert.deepEqual(ofNodes(), []);
    const policy = clusterPolicyOf('nodes', {
      egress: [{ action: 'Deny', to: [{ nodes: { matchLabels: { zone: 'b' } } }] }],
    });
    compiler.setClusterPolicy(policy);
    assert.deepEqual(ofNodes(), ['blocks 172.18.0.3-172.18.0.3']);
    compiler.removeNode('node2');
    assert.deepEqual(ofNodes(), []);
  });
});
