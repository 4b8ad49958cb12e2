import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeConnection } from '../judge-connection.ts';
import {
  api,
  bare,
  host,
  isWeb,
  namespaces,
  nodes,
  otherWeb,
  outside,
  web,
} from '../testing/cast.ts';
import {
  attemptOf,
  clusterPolicyOf,
  partyOf,
  policyOf,
  worldOf,
  type WorldFacts,
} from '../testing/objects.ts';
import { type Case } from '../testing/rows.ts';
import { accept, admin, all, baseline, deny, egress, pass } from '../testing/worlds.ts';

/** A behaviour of the specification's section on ClusterNetworkPolicy. */
interface Behaviour {
  readonly title: string;
  readonly world: WorldFacts;
  readonly cases: readonly Case[];
}

const open = policyOf('open', { podSelector: {}, ingress: [{}] });
const closed = policyOf('closed', { podSelector: {} });

const unknownPeer = { gateways: ['a'] } as object;

const behaviours: readonly Behaviour[] = [
  {
    title: 'Admin denies whatever NetworkPolicies admit',
    world: { clusterPolicies: [admin(deny)], policies: [open] },
    cases: [
      [api, web, 'TCP 80', false],
      [outside, web, 'TCP 80', true],
    ],
  },
  {
    title: 'Admin accepts whatever NetworkPolicies isolate',
    world: { clusterPolicies: [admin(accept)], policies: [closed] },
    cases: [
      [api, web, 'TCP 80', true],
      [outside, web, 'TCP 80', false],
    ],
  },
  {
    title: 'Pass leaves the Admin tier to NetworkPolicies',
    world: { clusterPolicies: [admin(pass, deny)], policies: [closed] },
    cases: [[api, web, 'TCP 80', false]],
  },
  {
    title: 'Pass leaves the Admin tier to the Baseline, when no NetworkPolicy selects',
    world: { clusterPolicies: [admin(pass, accept), baseline(deny)] },
    cases: [[api, web, 'TCP 80', false]],
  },
  {
    title: 'NetworkPolicies are final for the pods they select: the Baseline is not asked',
    world: {
      clusterPolicies: [baseline(deny)],
      policies: [policyOf('p', { podSelector: isWeb, ingress: [{}] })],
    },
    cases: [
      [api, web, 'TCP 80', true],
      [web, api, 'TCP 80', false],
    ],
  },
  {
    title: 'a NetworkPolicy of one direction leaves the other to the Baseline',
    world: {
      clusterPolicies: [baseline(deny)],
      policies: [policyOf('p', { podSelector: isWeb, policyTypes: ['Egress'], egress: [{}] })],
    },
    cases: [[api, web, 'TCP 80', false]],
  },
  {
    title: 'what no tier decides is admitted: selection does not isolate',
    world: {
      clusterPolicies: [
        admin({ action: 'Deny', from: [{ namespaces: { matchLabels: { team: 'two' } } }] }),
      ],
      namespaces,
    },
    cases: [
      [api, web, 'TCP 80', true],
      [otherWeb, web, 'TCP 80', false],
    ],
  },
  {
    title: 'the first rule that matches decides, whatever comes after',
    world: {
      clusterPolicies: [
        admin(
          {
            action: 'Accept',
            from: all,
            protocols: [{ tcp: { destinationPort: { number: 80 } } }],
          },
          deny,
        ),
      ],
    },
    cases: [
      [api, web, 'TCP 80', true],
      [api, web, 'TCP 81', false],
    ],
  },
  {
    title: 'policies are read by priority, the lowest first',
    world: {
      clusterPolicies: [
        clusterPolicyOf('a', { priority: 5, ingress: [deny] }),
        clusterPolicyOf('z', { priority: 4, ingress: [accept] }),
      ],
    },
    cases: [[api, web, 'TCP 80', true]],
  },
  {
    title: 'policies of equal priority are read by name',
    world: {
      clusterPolicies: [
        clusterPolicyOf('b', { ingress: [deny] }),
        clusterPolicyOf('a', { ingress: [accept] }),
      ],
    },
    cases: [[api, web, 'TCP 80', true]],
  },
  {
    title: 'subjects are pods by their namespace and their own labels',
    world: {
      namespaces,
      clusterPolicies: [
        clusterPolicyOf('p', {
          subject: {
            pods: { namespaceSelector: { matchLabels: { team: 'one' } }, podSelector: isWeb },
          },
          ingress: [deny],
        }),
      ],
    },
    cases: [
      [api, web, 'TCP 80', false],
      [web, api, 'TCP 80', true],
      [api, otherWeb, 'TCP 80', true],
    ],
  },
  {
    title: 'pods in their node’s network are neither subjects nor peers',
    world: { clusterPolicies: [admin(deny)], nodes },
    cases: [
      [api, host, 'TCP 80', true],
      [host, api, 'TCP 80', true],
      [bare, api, 'TCP 80', false],
    ],
  },
  {
    title: 'protocols: numbers, ranges, all ports, other protocols',
    world: {
      clusterPolicies: [
        admin({
          action: 'Deny',
          from: all,
          protocols: [
            { tcp: { destinationPort: { range: { start: 80, end: 90 } } } },
            { udp: { destinationPort: { number: 53 } } },
            { sctp: {} },
          ],
        }),
      ],
    },
    cases: [
      [api, web, 'TCP 80', false],
      [api, web, 'TCP 90', false],
      [api, web, 'TCP 91', true],
      [api, web, 'UDP 53', false],
      [api, web, 'UDP 80', true],
      [api, web, 'SCTP 1', false],
      [api, web, 'ICMP', true],
    ],
  },
  {
    title: 'a port name is the destination’s, with the protocol it has there',
    world: {
      clusterPolicies: [
        admin({ action: 'Deny', from: all, protocols: [{ destinationNamedPort: 'http' }] }),
      ],
    },
    cases: [
      [api, web, 'TCP 8080', false],
      [api, web, 'UDP 8080', true],
      [web, api, 'TCP 8080', true],
      [web, api, 'TCP 9090', false],
    ],
  },
  {
    title: 'networks match addresses of either family, those of pods and ICMP too',
    world: egress({
      action: 'Deny',
      to: [{ networks: ['192.0.2.0/24', '10.244.0.3/32', '2001:db8::/32'] }],
    }),
    cases: [
      [web, outside, 'ICMP', false],
      [web, api, 'TCP 80', false],
      [web, bare, 'TCP 80', true],
      [web, '2001:db8::1', 'TCP 80', false],
    ],
  },
  {
    title: 'nodes are matched by their labels, at their own addresses',
    world: egress({ action: 'Deny', to: [{ nodes: { matchLabels: { zone: 'b' } } }] }),
    cases: [
      [web, partyOf('172.18.0.3', 'node2'), 'TCP 80', false],
      [web, bare, 'TCP 80', true],
      [bare, partyOf('172.18.0.2', 'node1'), 'TCP 80', true],
    ],
  },
  {
    title: 'domain names match nothing here',
    world: egress(
      { action: 'Accept', to: [{ domainNames: ['example.com'] }] },
      { action: 'Deny', to: [{ networks: ['0.0.0.0/0'] }] },
    ),
    cases: [[web, outside, 'TCP 80', false]],
  },
  {
    title: 'an Accept with an unknown peer matches nothing, even by its other peers',
    world: {
      clusterPolicies: [admin({ action: 'Accept', from: [...all, unknownPeer] })],
      policies: [closed],
    },
    cases: [[api, web, 'TCP 80', false]],
  },
  {
    title: 'a Deny or Pass with an unknown peer denies everything',
    world: {
      clusterPolicies: [
        admin({
          action: 'Pass',
          from: [unknownPeer],
          protocols: [{ tcp: { destinationPort: { number: 1 } } }],
        }),
      ],
    },
    cases: [
      [api, web, 'TCP 80', false],
      [outside, web, 'ICMP', false],
    ],
  },
];

for (const { title, world, cases } of behaviours) {
  test(title, () => {
    for (const [source, destination, to, admits] of cases) {
      const verdict = judgeConnection(worldOf(world), attemptOf(source, destination, to));
      assert.equal(verdict.admits, admits, JSON.stringify(verdict));
    }
  });
}
