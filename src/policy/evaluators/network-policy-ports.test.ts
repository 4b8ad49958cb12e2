import type { NetworkPolicyPort } from '../../kube/index.ts';
import { api, bare, isWeb, otherWeb, outside, web } from '../testing/cast.ts';
import { podOf } from '../testing/objects.ts';
import { everyone, nobody, worldWith } from '../testing/worlds.ts';
import { testRows, type Case, type Row } from '../testing/rows.ts';

/** Only these ports of web may be reached. */
function ports(...ports: NetworkPolicyPort[]): Row['world'] {
  return worldWith({ podSelector: isWeb, ingress: [{ ports }] });
}

function reach(admits: boolean, ...to: string[]): Case[] {
  return to.map((port) => [api, web, port, admits] as const);
}

const sidecar = podOf('sidecar', {
  labels: { app: 'web' },
  ips: ['10.244.0.9'],
  initContainers: [
    { name: 'proxy', restartPolicy: 'Always', ports: [{ name: 'http', containerPort: 15_001 }] },
    { name: 'setup', ports: [{ name: 'http', containerPort: 1 }] },
  ],
});

const twoNames = worldWith({
  podSelector: isWeb,
  policyTypes: ['Egress'],
  egress: [{ ports: [{ port: 'http' }] }],
});

testRows([
  {
    row: 1,
    title: 'an empty target selects all pods of its namespace and no other',
    world: worldWith({ podSelector: {} }),
    cases: [
      [outside, web, 'TCP 80', false],
      [outside, bare, 'TCP 80', false],
      [outside, otherWeb, 'TCP 80', true],
    ],
  },
  {
    row: 2,
    title: 'a missing target is an empty one',
    world: worldWith({ ingress: [] }),
    cases: [
      [outside, bare, 'TCP 80', false],
      [outside, otherWeb, 'TCP 80', true],
    ],
  },
  {
    row: 3,
    title: 'directions are isolated apart',
    world: worldWith({ podSelector: isWeb, policyTypes: ['Egress'] }),
    cases: [
      [web, outside, 'TCP 80', false],
      [outside, web, 'TCP 80', true],
      [api, outside, 'TCP 80', true],
    ],
  },
  {
    row: 4,
    title: 'without policyTypes, an empty egress list does not isolate',
    world: worldWith({ podSelector: isWeb, egress: [] }),
    cases: [
      [web, outside, 'TCP 80', true],
      [outside, web, 'TCP 80', false],
    ],
  },
  {
    row: 4,
    title: 'without policyTypes, egress rules isolate both directions',
    world: worldWith({ podSelector: isWeb, egress: [{ ports: [{ port: 443 }] }] }),
    cases: [
      [web, outside, 'TCP 80', false],
      [web, outside, 'TCP 443', true],
      [outside, web, 'TCP 80', false],
    ],
  },
  {
    row: 5,
    title: 'no list of rules admits nothing',
    world: worldWith({ podSelector: isWeb, policyTypes: ['Ingress'] }),
    cases: nobody,
  },
  {
    row: 5,
    title: 'an empty list of rules admits nothing',
    world: worldWith({ podSelector: isWeb, policyTypes: ['Ingress'], ingress: [] }),
    cases: nobody,
  },
  {
    row: 6,
    title: 'an empty rule admits all',
    world: worldWith({ podSelector: isWeb, ingress: [{}] }),
    cases: everyone,
  },
  {
    row: 7,
    title: 'an empty list of peers is everybody',
    world: worldWith({ podSelector: isWeb, ingress: [{ from: [] }] }),
    cases: everyone,
  },
  {
    row: 8,
    title: 'an empty list of ports is all ports of all protocols',
    world: worldWith({ podSelector: isWeb, ingress: [{ ports: [] }] }),
    cases: everyone,
  },
  {
    row: 9,
    title: 'a port without a protocol is TCP',
    world: ports({ port: 80 }),
    cases: [...reach(true, 'TCP 80'), ...reach(false, 'UDP 80', 'SCTP 80', 'TCP 81', 'ICMP')],
  },
  {
    row: 9,
    title: 'an empty port entry is all of TCP',
    world: ports({}),
    cases: [...reach(true, 'TCP 1', 'TCP 65535'), ...reach(false, 'UDP 1', 'ICMP')],
  },
  {
    row: 10,
    title: 'a protocol without a port is all of its ports',
    world: ports({ protocol: 'UDP' }),
    cases: [...reach(true, 'UDP 1', 'UDP 65535'), ...reach(false, 'TCP 1')],
  },
  {
    row: 11,
    title: 'endPort is inclusive',
    world: ports({ port: 80, endPort: 82 }),
    cases: [...reach(true, 'TCP 80', 'TCP 81', 'TCP 82'), ...reach(false, 'TCP 79', 'TCP 83')],
  },
  {
    row: 11,
    title: 'endPort may be the port itself',
    world: ports({ port: 80, endPort: 80 }),
    cases: [...reach(true, 'TCP 80'), ...reach(false, 'TCP 81')],
  },
  {
    row: 12,
    title: 'a port name of ingress is the selected pod’s, not the source’s',
    world: ports({ port: 'http' }),
    cases: [...reach(true, 'TCP 8080'), ...reach(false, 'TCP 9090')],
  },
  {
    row: 13,
    title: 'a port name of egress is each destination pod’s',
    world: twoNames,
    cases: [
      [web, api, 'TCP 9090', true],
      [web, api, 'TCP 8080', false],
      [web, sidecar, 'TCP 15001', true],
      [web, outside, 'TCP 8080', false],
    ],
  },
  {
    row: 14,
    title: 'a port name and its protocol both have to match',
    world: ports({ port: 'http', protocol: 'UDP' }),
    cases: reach(false, 'TCP 8080', 'UDP 8080'),
  },
  {
    row: 14,
    title: 'a port name that the pod does not have matches nothing, and isolates',
    world: ports({ port: 'metrics' }),
    cases: reach(false, 'TCP 8080', 'TCP 80'),
  },
  {
    row: 15,
    title: 'ports of sidecars count, those of other init containers do not',
    world: ports({ port: 'http' }),
    cases: [
      [api, sidecar, 'TCP 15001', true],
      [api, sidecar, 'TCP 1', false],
    ],
  },
  {
    row: 39,
    title: 'a rule for SCTP isolates, and is never one for TCP',
    world: ports({ protocol: 'SCTP', port: 80 }),
    cases: [...reach(true, 'SCTP 80'), ...reach(false, 'TCP 80', 'UDP 80')],
  },
  {
    row: 40,
    title: 'a rule for UDP leaves TCP out',
    world: ports({ protocol: 'UDP', port: 53 }),
    cases: [...reach(true, 'UDP 53'), ...reach(false, 'TCP 53')],
  },
]);
