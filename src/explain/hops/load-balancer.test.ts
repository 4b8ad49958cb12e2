import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parse } from 'yaml';
import { requireAddress } from '../../ip/index.ts';
import {
  document,
  explaining,
  hopOf,
  hopsText,
  nodeText,
  podText,
  policyText,
  runningAt,
  serviceText,
} from '../testing/explaining.ts';

const VIP = '172.19.0.7';

/** A cluster as it runs: the client on one node, the only endpoint on another. */
const nodes =
  nodeText('node1', '172.18.0.2', '10.244.0.0/24') +
  nodeText('node2', '172.18.0.3', '10.244.1.0/24');
const pods =
  podText('client', { uid: 'u1', nodeName: 'node1', status: runningAt('10.244.0.3') }) +
  podText('web', { uid: 'u2', nodeName: 'node2', status: runningAt('10.244.1.4') });

/** A Service as a cluster has it: with its addresses and node port. */
function balanced(spec: Record<string, unknown> = {}, ingress: object = {}): string {
  return document({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'default', uid: 'u3' },
    spec: {
      type: 'LoadBalancer',
      clusterIP: '10.96.0.7',
      selector: { app: 'web' },
      ports: [{ port: 80, targetPort: 'http', nodePort: 30_080 }],
      ...spec,
    },
    status: { loadBalancer: { ingress: [{ ip: VIP, ...ingress }] } },
  });
}

const ranges = { loadBalancerSourceRanges: ['192.0.2.0/24', '198.51.100.7/32'] };
const guarded = explaining(nodes + pods + balanced(ranges));

describe('row 11: loadBalancerSourceRanges', () => {
  test('keep addresses out, with the field and its place', () => {
    const hop = hopOf(guarded('203.0.113.9', 'svc/web'), 'service');
    assert.deepEqual(
      { ...hop, source: hop?.source?.replace(/\d+$/, 'LINE') },
      {
        step: 'service',
        outcome: 'stops',
        reason: 'SOURCE_NOT_IN_RANGES',
        sentence:
          'Service default/web has loadBalancerSourceRanges 192.0.2.0/24, 198.51.100.7/32: its load balancer keeps 203.0.113.9 out',
        object: { kind: 'Service', namespace: 'default', name: 'web' },
        field: 'spec.loadBalancerSourceRanges',
        source: 'shop.yaml:LINE',
        details: [],
      },
    );
  });

  test('let in those that have an address in them, and say so', () => {
    for (const from of ['192.0.2.1', '192.0.2.255', '198.51.100.7']) {
      const story = guarded(from, `${VIP}:80`);
      assert.equal(story.admits, true, from);
      assert.equal(
        hopOf(story, 'service')?.details[0]?.sentence,
        `loadBalancerSourceRanges 192.0.2.0/24, 198.51.100.7/32 let ${from} in`,
      );
    }
    assert.equal(guarded('198.51.100.8', `${VIP}:80`).admits, false);
  });

  test('are for pods and nodes that use the address, too', () => {
    for (const from of ['pod/client', 'node/node1']) {
      assert.equal(hopsText(guarded(from, `${VIP}:80`)), 'service SOURCE_NOT_IN_RANGES!', from);
    }
    const open = explaining(
      nodes + pods + balanced({ loadBalancerSourceRanges: ['10.244.0.0/24', '172.18.0.2/32'] }),
    );
    for (const from of ['pod/client', 'node/node1']) {
      assert.equal(open(from, `${VIP}:80`).admits, true, from);
    }
    assert.equal(open('node/node2', `${VIP}:80`).admits, false);
  });

  test('guard neither the cluster IP nor node ports', () => {
    assert.equal(guarded('pod/client', 'svc/web').admits, true);
    assert.equal(guarded('203.0.113.9', 'node/node1:30080').admits, true);
  });

  test('of the other family guard nothing', () => {
    const tell = explaining(
      nodes + pods + balanced({ loadBalancerSourceRanges: ['2001:db8::/32'] }),
    );
    assert.equal(tell('203.0.113.9', 'svc/web').admits, true);
  });

  test('are asked before endpoints', () => {
    const tell = explaining(nodes + balanced(ranges));
    assert.equal(hopsText(tell('203.0.113.9', 'svc/web')), 'service SOURCE_NOT_IN_RANGES!');
    assert.equal(hopsText(tell('192.0.2.1', 'svc/web')), 'service SELECTOR_MATCHES_NO_POD!');
  });

  test('the smallest change adds the one address, for outside everybody', () => {
    const changedRanges = (from: string): unknown => {
      const { change } = guarded(from, 'svc/web');
      assert.equal(change?.admits, true);
      const { spec } = parse(change.manifest) as { spec: Record<string, unknown> };
      return spec['loadBalancerSourceRanges'];
    };
    const [one, two] = ranges.loadBalancerSourceRanges;
    assert.deepEqual(changedRanges('203.0.113.9'), [one, two, '203.0.113.9/32']);
    assert.deepEqual(changedRanges('outside'), [one, two, '0.0.0.0/0']);
  });

  test('the change has nothing of what controllers wrote', () => {
    const finalizers = ['service.kubernetes.io/load-balancer-cleanup', 'example.com/own'];
    const written = balanced({ ...ranges, allocateLoadBalancerNodePorts: true });
    const tell = explaining(
      nodes + pods + written.replace('"uid"', `"finalizers":${JSON.stringify(finalizers)},"uid"`),
    );
    const { manifest = '' } = tell('203.0.113.9', 'svc/web').change ?? {};
    const { metadata, spec } = parse(manifest) as Record<'metadata' | 'spec', object>;
    assert.deepEqual(metadata, {
      name: 'web',
      namespace: 'default',
      finalizers: ['example.com/own'],
    });
    assert.deepEqual(Object.keys(spec).toSorted(), [
      'loadBalancerSourceRanges',
      'ports',
      'selector',
      'type',
    ]);
  });

  test('of manifests are judged as those of the load balancer that there will be', () => {
    const manifest = podText('web') + serviceText('web', { type: 'LoadBalancer', ...ranges });
    const story = explaining(manifest)('outside', 'svc/web');
    assert.match(hopOf(story, 'service')?.sentence ?? '', /keeps outside \(203\.0\.113\.7\) out$/);
    assert.equal(explaining(manifest)('192.0.2.1', 'svc/web').admits, true);
  });
});

describe('with the addresses that the world outside has', () => {
  const own = { outside: [requireAddress('172.18.0.1'), requireAddress('fd00:172:18::1')] };
  const tellWith = (block: string) =>
    explaining(nodes + pods + balanced({ loadBalancerSourceRanges: [block] }), own);

  test('source ranges are asked about these, which are told', () => {
    const story = tellWith('172.18.0.1/32')('outside', 'svc/web');
    assert.deepEqual(story.paths[0]?.source, { name: 'outside', address: '172.18.0.1' });
    assert.deepEqual(
      [story.admits, story.notes],
      [
        true,
        [
          'the world outside is judged by the addresses that it has here: 172.18.0.1 and fd00:172:18::1',
        ],
      ],
    );
  });

  test('the smallest change is still for everybody', () => {
    const { admits, change } = tellWith('203.0.113.0/24')('outside', 'svc/web');
    assert.deepEqual([admits, change?.admits], [false, true]);
    assert.match(change?.manifest ?? '', /- 0\.0\.0\.0\/0$/m);
  });
});

describe('a policy that knows clients by their address', () => {
  const policy = policyText('known', {
    podSelector: { matchLabels: { app: 'web' } },
    ingress: [{ from: [{ ipBlock: { cidr: '198.51.100.0/24' } }] }],
  });
  const client = '198.51.100.7';

  test('sees them through the node of the endpoint, and another node in their place', () => {
    const story = explaining(nodes + pods + balanced() + policy)(client, 'svc/web');
    assert.deepEqual(
      story.paths.map(({ hops }) =>
        hops
          .filter(({ step }) => step === 'route' || step === 'ingress')
          .map(({ reason, sentence }) => (reason === 'FROM_OUTSIDE' ? sentence : reason)),
      ),
      [
        [
          "from outside to node node2; node node2 puts its own address in place of the source's, which policies still see",
          'RULE_ADMITS',
        ],
        [
          "from outside to node node2; node node1 puts its own address in place of the source's",
          'NO_RULE_ADMITS',
        ],
      ],
    );
    assert.equal(story.verdict, 'admits in part');
    assert.equal(story.change?.admits, true);
    assert.match(story.change.manifest, /externalTrafficPolicy: Local/);
  });

  test('always sees them with external policy Local', () => {
    const local = balanced({ externalTrafficPolicy: 'Local' });
    assert.equal(explaining(nodes + pods + local + policy)(client, 'svc/web').verdict, 'admits');
  });

  test('is told once where nodes make no difference', () => {
    const tell = explaining(nodes + pods + balanced() + policy);
    const { paths, verdict } = tell('203.0.113.9', 'svc/web');
    assert.deepEqual([paths.length, verdict], [1, 'does not admit']);
    assert.equal(explaining(nodes + pods + balanced())(client, 'svc/web').paths.length, 1);
  });
});

test('row 9: from outside, ipMode Proxy leaves the address and its ranges to the balancer', () => {
  const tell = explaining(nodes + pods + balanced(ranges, { ipMode: 'Proxy' }));
  assert.equal(hopsText(tell('203.0.113.9', `${VIP}:80`)), 'service SOURCE_NOT_IN_RANGES!');
  assert.equal(tell('192.0.2.1', `${VIP}:80`).admits, true);
});

test('row 21: a load balancer asks a node that has an endpoint, by name and by address', () => {
  const tell = explaining(nodes + pods + balanced({ externalTrafficPolicy: 'Local' }));
  for (const to of ['svc/web', `${VIP}:80`]) {
    assert.match(hopsText(tell('outside', to)), /^service READY_LOCAL_ENDPOINTS,/, to);
  }
  assert.equal(tell('outside', 'node/node1:30080').admits, false);
});

test('rows 4 and 20: the change is of the policy that the address has', () => {
  const both = { internalTrafficPolicy: 'Local', externalTrafficPolicy: 'Local' };
  const tell = explaining(nodes + pods + balanced(both));
  const fieldOf = (from: string, to: string): unknown => {
    const { change, ...story } = tell(from, to);
    assert.equal(change?.admits, true);
    const { spec } = parse(change.manifest) as { spec: Record<string, unknown> };
    const left = Object.keys(both).filter((field) => spec[field] === 'Local');
    return [hopOf({ ...story }, 'service')?.field, ...left];
  };
  assert.deepEqual(fieldOf('pod/client', 'svc/web'), [
    'spec.internalTrafficPolicy',
    'externalTrafficPolicy',
  ]);
  assert.deepEqual(fieldOf('outside', 'node/node1:30080'), [
    'spec.externalTrafficPolicy',
    'internalTrafficPolicy',
  ]);
});
