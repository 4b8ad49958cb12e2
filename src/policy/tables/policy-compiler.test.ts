import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { formatAddress, requireAddress, requireCidr } from '../../ip/index.ts';
import type { NetworkPolicy, Pod } from '../../kube/index.ts';
import { ANY_OUTSIDER, ANY_POD, EVERYTHING, NOTHING, type Entry } from '../compiled.ts';
import { api, bare, isApi, isWeb, nodes, outside, web } from '../testing/cast.ts';
import { clusterPolicyOf, namespaceOf, podOf, policyOf } from '../testing/objects.ts';
import { TableJudge } from '../testing/table-judge.ts';
import { PolicyCompiler } from './policy-compiler.ts';

const podRanges = [requireCidr('10.244.0.0/16'), requireCidr('fd00:10:244::/56')];
const onlyApi = policyOf('p', {
  podSelector: isWeb,
  ingress: [{ from: [{ podSelector: isApi }] }],
});

function compilerOf(pods: readonly Pod[], policies: readonly NetworkPolicy[] = [onlyApi]) {
  const compiler = new PolicyCompiler({ podRanges });
  for (const pod of pods) compiler.setPod(pod);
  for (const policy of policies) compiler.setPolicy(policy);
  compiler.drain();
  return compiler;
}

/** Whether TCP 80 passes, by everything the compiler has. */
function admits(compiler: PolicyCompiler, source: string, destination: string): boolean {
  return new TableJudge(compiler.full()).admits({
    source: requireAddress(source),
    destination: requireAddress(destination),
    protocol: 6,
    port: 80,
  });
}

/** The changed entries, but for numbers. */
function changesOf(compiler: PolicyCompiler): string[] {
  const { removed, added } = compiler.drain();
  return [
    ...removed.map((entry) => `-${textOf(entry)}`),
    ...added.map((entry) => `+${textOf(entry)}`),
  ];
}

function textOf(entry: Entry): string {
  switch (entry.table) {
    case 'classes':
      return `classes ${formatAddress(entry.address)}`;
    case 'blocks':
      return `blocks ${formatAddress(entry.first)}-${formatAddress(entry.last)}`;
    default:
      return entry.table;
  }
}

function tableOf<T extends Entry['table']>(compiler: PolicyCompiler, table: T) {
  return compiler
    .full()
    .filter((entry): entry is Extract<Entry, { table: T }> => entry.table === table);
}

const relabelled = (pod: Pod, labels: Record<string, string>): Pod => ({
  ...pod,
  metadata: { ...pod.metadata, labels },
});

describe('changes', () => {
  test('row 35: an updated policy is replaced, a deleted one is gone', () => {
    const compiler = compilerOf([web, api, bare]);
    assert.equal(admits(compiler, '10.244.1.4', '10.244.0.2'), false);
    compiler.setPolicy({ ...onlyApi, spec: { podSelector: isWeb, ingress: [{}] } });
    assert.equal(admits(compiler, '10.244.1.4', '10.244.0.2'), true);
    compiler.setPolicy(onlyApi);
    assert.equal(admits(compiler, '10.244.1.4', '10.244.0.2'), false);
    compiler.removePolicy(onlyApi);
    assert.equal(admits(compiler, '10.244.1.4', '10.244.0.2'), true);
  });

  test('row 36: another label of a pod, as target or as peer, is one entry', () => {
    const second = podOf('second', { labels: { app: 'web' }, ips: ['10.244.0.20'] });
    const compiler = compilerOf([web, second, api, bare]);
    compiler.setPod(relabelled(bare, { app: 'api' }));
    assert.deepEqual(changesOf(compiler), ['-classes 10.244.1.4', '+classes 10.244.1.4']);
    assert.equal(admits(compiler, '10.244.1.4', '10.244.0.2'), true);
    compiler.setPod(relabelled(second, {}));
    compiler.setPod(relabelled(bare, {}));
    compiler.drain();
    assert.equal(admits(compiler, '10.244.1.4', '10.244.0.20'), true);
    assert.equal(admits(compiler, '10.244.1.4', '10.244.0.2'), false);
  });

  test('row 36: another label of a namespace counts for its pods', () => {
    const compiler = compilerOf(
      [web, api],
      [
        policyOf('p', {
          podSelector: isWeb,
          ingress: [{ from: [{ namespaceSelector: { matchLabels: { team: 'one' } } }] }],
        }),
      ],
    );
    assert.equal(admits(compiler, '10.244.0.3', '10.244.0.2'), false);
    compiler.setNamespace(namespaceOf('default', { team: 'one' }));
    assert.equal(admits(compiler, '10.244.0.3', '10.244.0.2'), true);
    compiler.removeNamespace('default');
    assert.equal(admits(compiler, '10.244.0.3', '10.244.0.2'), false);
  });

  test('labels that no policy asks about change nothing', () => {
    const compiler = compilerOf([web, api]);
    compiler.setPod(relabelled(web, { app: 'web', build: '7' }));
    assert.deepEqual(changesOf(compiler), []);
  });

  test('a policy about all members of a class leaves them their number', () => {
    const compiler = compilerOf([web, api, bare], []);
    const before = tableOf(compiler, 'classes');
    compiler.setPolicy(policyOf('closed', { podSelector: {} }));
    const tables = new Set(changesOf(compiler).map((text) => text.split(' ')[0]));
    assert.deepEqual(tables, new Set(['+admissions', '+subjects']));
    assert.deepEqual(tableOf(compiler, 'classes'), before);
  });
});

describe('policies that go', () => {
  const classesOf = (compiler: PolicyCompiler): number =>
    new Set(tableOf(compiler, 'classes').map((entry) => entry.class)).size;
  const named = policyOf('named', { podSelector: {}, ingress: [{ ports: [{ port: 'http' }] }] });

  test('leave no class behind', () => {
    const compiler = compilerOf([web, api, bare], []);
    const before = classesOf(compiler);
    for (const policy of [onlyApi, named]) compiler.setPolicy(policy);
    assert.ok(classesOf(compiler) > before);
    for (const policy of [onlyApi, named]) compiler.removePolicy(policy);
    assert.equal(classesOf(compiler), before);
  });

  test('leave no class behind, if only a port name told pods apart', () => {
    const compiler = compilerOf([web, api, bare], []);
    const before = classesOf(compiler);
    const policy = clusterPolicyOf('http', {
      ingress: [
        {
          action: 'Deny',
          from: [{ namespaces: {} }],
          protocols: [{ destinationNamedPort: 'http' }],
        },
      ],
    });
    compiler.setClusterPolicy(policy);
    assert.ok(classesOf(compiler) > before);
    compiler.removeClusterPolicy(policy);
    assert.equal(classesOf(compiler), before);
  });

  test('leave no class behind if they go before anybody asked', () => {
    const compiler = compilerOf([web, api, bare], []);
    const before = classesOf(compiler);
    compiler.setPolicy(named);
    compiler.removePolicy(named);
    assert.deepEqual(changesOf(compiler), []);
    assert.equal(classesOf(compiler), before);
  });
});

describe('pods', () => {
  test('row 44: a pod is in the tables once it is announced, before its status has an address', () => {
    const compiler = compilerOf([api]);
    const starting = podOf('new', { labels: { app: 'web' }, status: { phase: 'Pending' } });
    compiler.setPod(starting);
    compiler.announce(starting, [requireAddress('10.244.0.40')]);
    assert.equal(admits(compiler, outside, '10.244.0.40'), false);
    assert.equal(admits(compiler, '10.244.0.3', '10.244.0.40'), true);
    compiler.retract('default-new');
    assert.deepEqual(tableOf(compiler, 'classes').map(textOf), ['classes 10.244.0.3']);
  });

  test('row 46: a pod that terminates stays until it is gone', () => {
    const compiler = compilerOf([web, api]);
    const leaving = {
      ...api,
      metadata: { ...api.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' },
    };
    compiler.setPod(leaving);
    assert.deepEqual(changesOf(compiler), []);
    compiler.removePod(leaving);
    assert.equal(admits(compiler, '10.244.0.3', '10.244.0.2'), false);
  });

  test('row 47: a pod that has ended leaves, even if it was announced', () => {
    const compiler = compilerOf([web, api]);
    compiler.announce(api, [requireAddress('10.244.0.3')]);
    compiler.setPod({ ...api, status: { ...api.status, phase: 'Succeeded' } });
    assert.equal(admits(compiler, '10.244.0.3', '10.244.0.2'), false);
  });

  test('row 48: of two pods with one address the running one has it, whatever the order', () => {
    const old = podOf('old', {
      labels: { app: 'api' },
      ips: ['10.244.0.50'],
      status: { phase: 'Pending' },
    });
    const fresh = podOf('fresh', { ips: ['10.244.0.50'] });
    for (const pods of [
      [old, fresh],
      [fresh, old],
    ]) {
      const compiler = compilerOf([web, ...pods]);
      assert.equal(admits(compiler, '10.244.0.50', '10.244.0.2'), false);
      compiler.removePod(fresh);
      assert.equal(admits(compiler, '10.244.0.50', '10.244.0.2'), true);
    }
  });

  test('row 48: an announced pod has its address before one that the API still names', () => {
    const old = podOf('old', { labels: { app: 'api' }, ips: ['10.244.0.50'] });
    const compiler = compilerOf([web, old]);
    compiler.announce(podOf('fresh', { status: { phase: 'Pending' } }), [
      requireAddress('10.244.0.50'),
    ]);
    assert.equal(admits(compiler, '10.244.0.50', '10.244.0.2'), false);
  });

  test('an address of the pods’ ranges that no pod has is admitted by no policy', () => {
    const compiler = compilerOf(
      [web, api],
      [policyOf('open', { podSelector: isWeb, ingress: [{}] })],
    );
    assert.equal(admits(compiler, '10.244.9.9', '10.244.0.2'), false);
    assert.equal(admits(compiler, '10.244.9.9', '10.244.0.3'), true);
    assert.equal(admits(compiler, outside, '10.244.0.2'), true);
  });
});

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
