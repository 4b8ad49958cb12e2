import * as fc from 'fast-check';
import type {
  ClusterNetworkPolicy,
  ClusterPolicyEgressPeer,
  ClusterPolicyProtocol,
  Container,
  LabelSelector,
  Namespace,
  NetworkPolicy,
  NetworkPolicyPeer,
  NetworkPolicyPort,
  Node,
  Pod,
} from '../../kube/index.ts';
import { clusterPolicyOf, namespaceOf, nodeOf, podOf, policyOf } from './objects.ts';

const namespaces = ['red', 'green', 'blue'];
const nodes = ['node1', 'node2'];
const blocks = [
  '0.0.0.0/0',
  '10.0.0.0/8',
  '10.244.0.0/16',
  '10.244.1.0/24',
  '10.244.1.2/32',
  '192.0.2.0/24',
  '172.18.0.0/16',
  '::/0',
  'fd00:10:244::/64',
  '2001:db8::/32',
];
const portNames = ['http', 'dns', 'metrics'];
const numbers = [53, 80, 443, 8080];

const labels = fc.record(
  { app: fc.constantFrom('a', 'b', 'c'), tier: fc.constantFrom('x', 'y') },
  { requiredKeys: [] },
);

const selector: fc.Arbitrary<LabelSelector> = fc.oneof(
  { weight: 2, arbitrary: fc.constant({}) },
  { weight: 4, arbitrary: fc.constantFrom('a', 'b', 'c').map((app) => ({ matchLabels: { app } })) },
  fc
    .tuple(fc.constantFrom('In', 'NotIn'), fc.subarray(['a', 'b', 'c'], { minLength: 1 }))
    .map(([operator, values]): LabelSelector => ({
      matchExpressions: [{ key: 'app', operator, values }],
    })),
  fc.constantFrom('Exists', 'DoesNotExist').map((operator): LabelSelector => ({
    matchExpressions: [{ key: 'tier', operator }],
  })),
);

const namespaceSelector: fc.Arbitrary<LabelSelector> = fc.oneof(
  fc.constant({}),
  fc.constantFrom('one', 'two').map((team) => ({ matchLabels: { team } })),
  fc
    .constantFrom(...namespaces)
    .map((name) => ({ matchLabels: { 'kubernetes.io/metadata.name': name } })),
);

const ipBlock = fc.constantFrom(
  ...blocks.map((cidr) => ({ cidr })),
  { cidr: '0.0.0.0/0', except: ['10.0.0.0/8'] },
  { cidr: '0.0.0.0/0', except: ['169.254.169.254/32'] },
  { cidr: '10.0.0.0/8', except: ['10.244.1.0/24', '10.1.0.0/16'] },
  { cidr: 'not a block' },
);

const peer: fc.Arbitrary<NetworkPolicyPeer> = fc.oneof(
  fc.record({ podSelector: selector }),
  fc.record({ namespaceSelector }),
  fc.record({ podSelector: selector, namespaceSelector }),
  fc.record({ ipBlock }),
);

const port: fc.Arbitrary<NetworkPolicyPort> = fc.oneof(
  fc.record(
    { protocol: fc.constantFrom('TCP', 'UDP', 'SCTP'), port: fc.constantFrom(...numbers) },
    { requiredKeys: [] },
  ),
  fc.record({
    protocol: fc.constantFrom('TCP', 'UDP'),
    port: fc.constantFrom(...portNames),
  }),
  fc.constant({ port: 53, endPort: 443 } as const),
);

const several = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T[]> =>
  fc.array(arbitrary, { maxLength: 2 });

const spec: fc.Arbitrary<NetworkPolicy['spec']> = fc.record(
  {
    podSelector: selector,
    policyTypes: fc.subarray(['Ingress', 'Egress'] as const).map((types) => [...types]),
    ingress: several(
      fc.record({ from: several(peer), ports: several(port) }, { requiredKeys: [] }),
    ),
    egress: several(fc.record({ to: several(peer), ports: several(port) }, { requiredKeys: [] })),
  },
  { requiredKeys: ['podSelector'] },
);

export const networkPolicies: fc.Arbitrary<NetworkPolicy> = fc
  .tuple(fc.constantFrom('p', 'q'), spec, fc.constantFrom(...namespaces))
  .map(([name, spec, namespace]) => policyOf(name, spec, namespace));

const podsPeer = fc.record({ namespaceSelector, podSelector: selector });

const clusterPeer: fc.Arbitrary<ClusterPolicyEgressPeer> = fc.oneof(
  fc.record({ namespaces: namespaceSelector }),
  fc.record({ pods: podsPeer }),
);

const domainNames: fc.Arbitrary<ClusterPolicyEgressPeer> = fc.constant({
  domainNames: ['example.com'],
});

const egressPeer: fc.Arbitrary<ClusterPolicyEgressPeer> = fc.oneof(
  { weight: 3, arbitrary: clusterPeer },
  fc.record({
    networks: fc.uniqueArray(fc.constantFrom(...blocks), { minLength: 1, maxLength: 2 }),
  }),
  fc.constantFrom('a', 'b').map((zone) => ({ nodes: { matchLabels: { zone } } })),
  domainNames,
  fc.constant({}),
);

const portMatch = fc.oneof(
  fc.constant({}),
  fc.constantFrom(...numbers).map((number) => ({ destinationPort: { number } })),
  fc.constant({ destinationPort: { range: { start: 80, end: 8080 } } }),
);

const protocol: fc.Arbitrary<ClusterPolicyProtocol> = fc.oneof(
  portMatch.map((tcp) => ({ tcp })),
  portMatch.map((udp) => ({ udp })),
  portMatch.map((sctp) => ({ sctp })),
  fc.constantFrom(...portNames).map((destinationNamedPort) => ({ destinationNamedPort })),
  fc.constant({}),
);

const action = fc.constantFrom('Accept', 'Deny', 'Pass');
const protocols = fc.array(protocol, { minLength: 1, maxLength: 2 });

const ingressRule = fc.record(
  { action, from: fc.array(clusterPeer, { minLength: 1, maxLength: 2 }), protocols },
  { requiredKeys: ['action', 'from'] },
);

const egressRule = fc.record(
  { action, to: fc.array(egressPeer, { minLength: 1, maxLength: 2 }), protocols },
  { requiredKeys: ['action', 'to'] },
);

export const clusterPolicies: fc.Arbitrary<ClusterNetworkPolicy> = fc
  .record({
    name: fc.constantFrom('k', 'l', 'm'),
    tier: fc.constantFrom('Admin', 'Baseline'),
    priority: fc.constantFrom(1, 2),
    subject: clusterPeer,
    ingress: several(ingressRule),
    egress: several(egressRule),
  })
  .map(({ name, ...spec }) => clusterPolicyOf(name, spec));

const containers: fc.Arbitrary<Container[]> = fc
  .array(
    fc.record({
      name: fc.constantFrom(...portNames),
      containerPort: fc.constantFrom(...numbers),
      protocol: fc.constantFrom('TCP', 'UDP'),
    }),
    { maxLength: 2 },
  )
  .map((ports) => [{ name: 'main', ports }]);

/** Pod n of 8 has its namespace and its addresses to itself; those of the last are outside the pods' ranges. */
export const pods: fc.Arbitrary<Pod> = fc
  .record({
    number: fc.integer({ min: 1, max: 8 }),
    labels,
    containers,
    isDual: fc.boolean(),
    hostNetwork: fc.oneof({ weight: 8, arbitrary: fc.constant(false) }, fc.constant(true)),
    nodeName: fc.constantFrom(...nodes),
    phase: fc.oneof(
      { weight: 8, arbitrary: fc.constant('Running' as const) },
      fc.constantFrom('Pending' as const, 'Succeeded' as const, 'Failed' as const),
    ),
  })
  .map(({ number, isDual, phase, hostNetwork, ...facts }) => {
    const inRange = [`10.244.${(number % 2) + 1}.${number}`, `fd00:10:244::${number}`];
    const own = number === 8 ? ['10.96.0.10', 'fd00:10:96::a'] : inRange;
    return podOf(`pod${number}`, {
      ...facts,
      namespace: namespaces[number % 3],
      hostNetwork,
      ips: hostNetwork ? ['172.18.0.2'] : own.slice(0, isDual ? 2 : 1),
      status: { phase },
      metadata: { uid: `uid-${number}` },
    });
  });

export const namespaceObjects: fc.Arbitrary<Namespace> = fc
  .tuple(fc.constantFrom(...namespaces), fc.constantFrom('one', 'two'))
  .map(([name, team]) => namespaceOf(name, { team }));

export const nodeObjects: fc.Arbitrary<Node> = fc
  .tuple(fc.constantFrom(0, 1), fc.constantFrom('a', 'b'))
  .map(([index, zone]) => nodeOf(nodes[index] ?? '', `172.18.0.${index + 2}`, { zone }));

/** Addresses that no pod of {@link pods} has; some are in the pods' ranges. */
export const otherAddresses = [
  '192.0.2.1',
  '10.1.2.3',
  '10.9.9.9',
  '169.254.169.254',
  '172.18.0.2',
  '172.18.0.3',
  '10.244.1.99',
  '2001:db8::1',
  '2001:dead::1',
  'fd00:10:244::99',
];

export const podRangeTexts = ['10.244.0.0/16', 'fd00:10:244::/56'];
