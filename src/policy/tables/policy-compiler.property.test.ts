import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import {
  compareAddresses,
  formatAddress,
  requireAddress,
  requireCidr,
  type Address,
} from '../../ip/index.ts';
import type {
  ClusterNetworkPolicy,
  Namespace,
  NetworkPolicy,
  Node,
  Pod,
} from '../../kube/index.ts';
import { keyOf } from '../../kube/index.ts';
import type { Entry } from '../compiled.ts';
import type { Party, PolicyWorld } from '../contract.ts';
import { judgeConnection } from '../judge-connection.ts';
import { isPolicyPod, podId } from '../policy-pods.ts';
import {
  clusterPolicies,
  namespaceObjects,
  networkPolicies,
  nodeObjects,
  otherAddresses,
  podRangeTexts,
  pods,
} from '../testing/arbitrary-world.ts';
import { TableJudge } from '../testing/table-judge.ts';
import { PolicyCompiler } from './policy-compiler.ts';

const podRanges = podRangeTexts.map(requireCidr);

const probes = [
  [6, 80],
  [6, 8080],
  [6, 443],
  [17, 53],
  [17, 80],
  [132, 80],
  [1, 0],
] as const;

/** One change of a cluster: an object as it is now, or is no longer. */
type Change = { readonly isRemoved: boolean } & (
  | { readonly kind: 'pod'; readonly object: Pod }
  | { readonly kind: 'policy'; readonly object: NetworkPolicy }
  | { readonly kind: 'clusterPolicy'; readonly object: ClusterNetworkPolicy }
  | { readonly kind: 'namespace'; readonly object: Namespace }
  | { readonly kind: 'node'; readonly object: Node }
);

const isRemoved = fc.oneof({ weight: 3, arbitrary: fc.constant(false) }, fc.constant(true));

const change: fc.Arbitrary<Change> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('pod'), object: pods, isRemoved }) },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('policy'), object: networkPolicies, isRemoved }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('clusterPolicy'),
      object: clusterPolicies,
      isRemoved,
    }),
  },
  fc.record({ kind: fc.constant('namespace'), object: namespaceObjects, isRemoved }),
  fc.record({ kind: fc.constant('node'), object: nodeObjects, isRemoved }),
);

/** A compiler and the cluster it was told of, side by side. */
class Twin {
  readonly compiler = new PolicyCompiler({ podRanges });
  readonly pods = new Map<string, Pod>();
  readonly namespaces = new Map<string, Namespace>();
  readonly policies = new Map<string, NetworkPolicy>();
  readonly clusterPolicies = new Map<string, ClusterNetworkPolicy>();
  readonly nodes = new Map<string, Node>();
  /** The sum of all drains, by text. */
  readonly drained = new Map<string, Entry>();

  get world(): PolicyWorld {
    const { namespaces, policies, clusterPolicies, nodes } = this;
    return { namespaces, policies, clusterPolicies, nodes, podRanges };
  }

  apply(change: Change): void {
    const { compiler } = this;
    if (change.kind === 'pod') {
      note(this.pods, podId(change.object), change);
      if (change.isRemoved) compiler.removePod(change.object);
      else compiler.setPod(change.object);
    } else if (change.kind === 'policy') {
      note(this.policies, keyOf(change.object), change);
      if (change.isRemoved) compiler.removePolicy(change.object);
      else compiler.setPolicy(change.object);
    } else if (change.kind === 'clusterPolicy') {
      note(this.clusterPolicies, keyOf(change.object), change);
      if (change.isRemoved) compiler.removeClusterPolicy(change.object);
      else compiler.setClusterPolicy(change.object);
    } else if (change.kind === 'namespace') {
      note(this.namespaces, keyOf(change.object), change);
      if (change.isRemoved) compiler.removeNamespace(change.object.metadata.name);
      else compiler.setNamespace(change.object);
    } else {
      note(this.nodes, keyOf(change.object), change);
      if (change.isRemoved) compiler.removeNode(change.object.metadata.name);
      else compiler.setNode(change.object);
    }
  }

  drain(): void {
    const { removed, added } = this.compiler.drain();
    for (const entry of removed) {
      assert.ok(this.drained.delete(textOf(entry)), `removes what is not there: ${textOf(entry)}`);
    }
    for (const entry of added) {
      assert.ok(!this.drained.has(textOf(entry)), `adds what is there: ${textOf(entry)}`);
      this.drained.set(textOf(entry), entry);
    }
    const full = this.compiler.full().map(textOf).sort();
    assert.deepEqual([...this.drained.keys()].sort(), full);
    this.checkBlocks();
  }

  private checkBlocks(): void {
    const blocks = [...this.drained.values()]
      .filter((entry) => entry.table === 'blocks')
      .sort((one, two) => compareAddresses(one.first, two.first));
    for (const [at, { last }] of blocks.entries()) {
      const next = blocks[at + 1]?.first;
      assert.ok(next === undefined || compareAddresses(last, next) < 0, 'blocks overlap');
    }
  }

  parties(): Party[] {
    const known = [...this.pods.values()]
      .filter(isPolicyPod)
      .flatMap((pod) =>
        (pod.status?.podIPs ?? []).map(({ ip }): Party => ({ pod, address: requireAddress(ip) })),
      );
    return [...known, ...otherAddresses.map((text) => this.outsider(requireAddress(text)))];
  }

  private outsider(address: Address): Party {
    const text = formatAddress(address);
    const node = [...this.nodes.values()].find(({ status }) =>
      status?.addresses?.some((each) => each.address === text),
    );
    return { address, ...(node && { node: node.metadata.name }) };
  }

  /** Every pair, protocol and port: the tables say what the reference says. */
  compare(): void {
    const judge = new TableJudge(this.drained.values());
    const parties = this.parties();
    for (const source of parties)
      for (const destination of parties) this.comparePair(judge, source, destination);
  }

  private comparePair(judge: TableJudge, source: Party, destination: Party): void {
    const [from, to] = [source.address, destination.address];
    if (from === undefined || to === undefined || from.family !== to.family) return;
    for (const [protocol, port] of probes) {
      const verdict = judgeConnection(this.world, { source, destination, protocol, port });
      if (verdict.egress.reason === 'OWN_NODE' || verdict.ingress.reason === 'OWN_NODE') return;
      const admits = judge.admits({ source: from, destination: to, protocol, port });
      const what: string = `${formatAddress(from)} to ${formatAddress(to)}, ${protocol}/${port}`;
      assert.equal(admits, verdict.admits, `${what}: ${JSON.stringify(verdict)}`);
    }
  }
}

function note<T>(
  map: Map<string, T>,
  key: string,
  change: { object: T; isRemoved: boolean },
): void {
  if (change.isRemoved) map.delete(key);
  else map.set(key, change.object);
}

function textOf(entry: Entry): string {
  return JSON.stringify(entry, (_, value: unknown) =>
    typeof value === 'bigint' ? value.toString() : value,
  );
}

test('after any changes the tables say what the reference says, and drains add up to the whole', () => {
  const bursts = fc.array(fc.array(change, { minLength: 1, maxLength: 6 }), {
    minLength: 1,
    maxLength: 6,
  });
  fc.assert(
    fc.property(fc.array(change, { minLength: 8, maxLength: 20 }), bursts, (first, later) => {
      const twin = new Twin();
      for (const burst of [first, ...later]) {
        for (const each of burst) twin.apply(each);
        twin.drain();
        twin.compare();
      }
    }),
    { numRuns: Number(process.env['POLICY_RUNS'] ?? 40) },
  );
});

for (const isDrained of [true, false]) {
  test(`what comes and goes leaves nothing, ${isDrained ? 'drained' : 'not drained'} in between`, () => {
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 20 }), (changes) => {
        const twin = new Twin();
        for (const each of changes) twin.apply({ ...each, isRemoved: false });
        if (isDrained) twin.drain();
        for (const each of changes) twin.apply({ ...each, isRemoved: true });
        twin.drain();
        const left = new PolicyCompiler({ podRanges });
        assert.deepEqual(twin.compiler.full().map(shapeOf).sort(), left.full().map(shapeOf).sort());
      }),
      { numRuns: 40 },
    );
  });
}

/** An entry but for the number of its class. */
function shapeOf(entry: Entry): string {
  return textOf(entry.table === 'blocks' ? { ...entry, class: 0 } : entry);
}
