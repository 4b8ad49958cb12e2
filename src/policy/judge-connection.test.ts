import { api, bare, host, isApi, isWeb, nodes, outside, web } from './testing/cast.ts';
import { partyOf, podOf, policyOf } from './testing/objects.ts';
import { testRows } from './testing/rows.ts';
import { closedWorld } from './testing/worlds.ts';

const ofNode1 = partyOf('172.18.0.2', 'node1');
const ofNode2 = partyOf('172.18.0.3', 'node2');

testRows([
  {
    row: 24,
    title: 'a pod cannot be kept from itself',
    world: closedWorld,
    cases: [
      [web, web, 'TCP 80', true],
      [api, web, 'TCP 80', false],
    ],
  },
  {
    row: 25,
    title: 'a node reaches its own pods',
    world: closedWorld,
    cases: [
      [ofNode1, web, 'TCP 80', true],
      [ofNode2, web, 'TCP 80', false],
    ],
  },
  {
    row: 26,
    title: 'a pod reaches its own node',
    world: closedWorld,
    cases: [
      [web, ofNode1, 'TCP 10250', true],
      [web, ofNode2, 'TCP 10250', false],
    ],
  },
  {
    row: 27,
    title: 'another node is an address like any other, and so is a pod in its network',
    world: {
      nodes,
      policies: [
        policyOf('nodes', {
          podSelector: isWeb,
          ingress: [{ from: [{ ipBlock: { cidr: '172.18.0.3/32' } }] }],
        }),
      ],
    },
    cases: [
      [ofNode2, web, 'TCP 80', true],
      [host, web, 'TCP 80', true],
      [bare, web, 'TCP 80', false],
    ],
  },
  {
    row: 28,
    title: 'a pod in its node’s network is neither target nor peer',
    world: {
      nodes,
      policies: [
        policyOf('web', { podSelector: isWeb }),
        policyOf('api', { podSelector: isApi, ingress: [{ from: [{ podSelector: isWeb }] }] }),
      ],
    },
    cases: [
      [bare, host, 'TCP 80', true],
      [web, api, 'TCP 80', true],
      [host, api, 'TCP 80', false],
    ],
  },
  {
    row: 29,
    title: 'ports are those of pods: translation comes first',
    world: {
      policies: [policyOf('p', { podSelector: isWeb, ingress: [{ ports: [{ port: 8080 }] }] })],
    },
    cases: [
      [api, web, 'TCP 8080', true],
      [api, web, 'TCP 80', false],
    ],
  },
  {
    row: 30,
    title: 'a rewritten address is judged as it arrives',
    world: {
      policies: [
        policyOf('p', {
          podSelector: isWeb,
          ingress: [{ from: [{ ipBlock: { cidr: '192.0.2.0/24' } }] }],
        }),
      ],
    },
    cases: [
      [outside, web, 'TCP 80', true],
      [ofNode2, web, 'TCP 80', false],
    ],
  },
  {
    row: 31,
    title: 'only who begins is asked: the way back of an admitted connection needs no rule',
    world: {
      policies: [
        policyOf('in', { podSelector: isWeb, ingress: [{ from: [{ podSelector: isApi }] }] }),
        policyOf('out', { podSelector: isWeb, policyTypes: ['Egress'] }),
      ],
    },
    cases: [
      [api, web, 'TCP 80', true],
      [web, api, 'TCP 80', false],
    ],
  },
  {
    row: 42,
    title: 'ICMPv6 between pods is judged like ICMP; what keeps neighbours is not judged',
    world: closedWorld,
    cases: [
      [bare, web, 'ICMPv6', false],
      [web, web, 'ICMPv6', true],
    ],
  },
  {
    row: 45,
    title: 'readiness is no term',
    world: closedWorld,
    cases: [
      [api, podOf('slow', { ips: ['10.244.0.8'], status: { phase: 'Pending' } }), 'TCP 80', false],
    ],
  },
  {
    row: 46,
    title: 'a pod that terminates is what it was',
    world: {
      policies: [
        policyOf('p', { podSelector: isWeb, ingress: [{ from: [{ podSelector: isApi }] }] }),
      ],
    },
    cases: [
      [
        podOf('leaving', {
          labels: { app: 'api' },
          metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' },
        }),
        web,
        'TCP 80',
        true,
      ],
    ],
  },
  {
    row: 47,
    title: 'a pod that has ended is no peer any longer',
    world: {
      policies: [
        policyOf('p', { podSelector: isWeb, ingress: [{ from: [{ podSelector: isApi }] }] }),
      ],
    },
    cases: [
      [
        podOf('done', { labels: { app: 'api' }, status: { phase: 'Succeeded' } }),
        web,
        'TCP 80',
        false,
      ],
      [
        podOf('lost', { labels: { app: 'api' }, status: { phase: 'Failed' } }),
        web,
        'TCP 80',
        false,
      ],
    ],
  },
]);
