import type { NetworkPolicyPeer } from '../../kube/index.ts';
import { api, bare, isApi, isWeb, otherWeb, outside, web } from '../testing/cast.ts';
import { namespaceOf, podOf, policyOf } from '../testing/objects.ts';
import { nobody, worldWith } from '../testing/worlds.ts';
import { testRows, type Row } from '../testing/rows.ts';

/** Only these may reach web. */
function from(...peers: NetworkPolicyPeer[]): Row['world'] {
  return worldWith({ podSelector: isWeb, ingress: [{ from: peers }] });
}

testRows([
  {
    row: 16,
    title: 'two selectors of one peer both have to match',
    world: from({ podSelector: isWeb, namespaceSelector: { matchLabels: { team: 'two' } } }),
    cases: [
      [otherWeb, web, 'TCP 80', true],
      [api, web, 'TCP 80', false],
      [podOf('x', { namespace: 'other' }), web, 'TCP 80', false],
    ],
  },
  {
    row: 16,
    title: 'of two peers one has to match',
    world: from({ podSelector: isApi }, { namespaceSelector: { matchLabels: { team: 'two' } } }),
    cases: [
      [otherWeb, web, 'TCP 80', true],
      [api, web, 'TCP 80', true],
      [bare, web, 'TCP 80', false],
    ],
  },
  {
    row: 17,
    title: 'a podSelector alone is about the policy’s namespace',
    world: worldWith({ podSelector: isApi, ingress: [{ from: [{ podSelector: isWeb }] }] }),
    cases: [
      [web, api, 'TCP 80', true],
      [otherWeb, api, 'TCP 80', false],
    ],
  },
  {
    row: 18,
    title: 'an empty namespaceSelector is all pods, and only pods',
    world: from({ namespaceSelector: {} }),
    cases: [
      [otherWeb, web, 'TCP 80', true],
      [bare, web, 'TCP 80', true],
      [outside, web, 'TCP 80', false],
    ],
  },
  {
    row: 19,
    title: 'NotIn and DoesNotExist also match objects without the key',
    world: from({
      podSelector: {
        matchExpressions: [
          { key: 'app', operator: 'NotIn', values: ['api'] },
          { key: 'tier', operator: 'DoesNotExist' },
        ],
      },
    }),
    cases: [
      [bare, web, 'TCP 80', true],
      [api, web, 'TCP 80', false],
      [podOf('x', { labels: { tier: 'back' } }), web, 'TCP 80', false],
    ],
  },
  {
    row: 19,
    title: 'matchLabels and matchExpressions both have to hold',
    world: from({
      podSelector: {
        matchLabels: { app: 'api' },
        matchExpressions: [
          { key: 'tier', operator: 'Exists' },
          { key: 'tier', operator: 'In', values: ['back', 'mid'] },
        ],
      },
    }),
    cases: [
      [api, web, 'TCP 80', false],
      [podOf('x', { labels: { app: 'api', tier: 'back' } }), web, 'TCP 80', true],
      [podOf('x', { labels: { app: 'api', tier: 'front' } }), web, 'TCP 80', false],
    ],
  },
  {
    row: 20,
    title: 'a peer without any field, as only old stores hold it, is nobody',
    world: from({}),
    cases: [
      [api, web, 'TCP 80', false],
      [outside, web, 'TCP 80', false],
    ],
  },
  {
    row: 21,
    title: 'exceptions count within their own block only',
    world: from(
      { ipBlock: { cidr: '10.0.0.0/8', except: ['10.244.0.0/24'] } },
      { ipBlock: { cidr: '10.244.0.3/32' } },
    ),
    cases: [
      [api, web, 'TCP 80', true],
      ['10.244.0.7', web, 'TCP 80', false],
      ['10.9.9.9', web, 'TCP 80', true],
    ],
  },
  {
    row: 22,
    title: 'sloppy blocks are read: host bits, leading zeros',
    world: from({ ipBlock: { cidr: '192.000.002.007/24', except: ['192.0.2.008/30'] } }),
    cases: [
      [outside, web, 'TCP 80', true],
      ['192.0.2.9', web, 'TCP 80', false],
    ],
  },
  {
    row: 22,
    title: 'a block with an exception that cannot be read admits nobody',
    world: from({ ipBlock: { cidr: '0.0.0.0/0', except: ['10.0.0.0/33'] } }),
    cases: [[outside, web, 'TCP 80', false]],
  },
  {
    row: 23,
    title: 'blocks match addresses of pods and nodes too',
    world: from({ ipBlock: { cidr: '10.244.0.0/24' } }, { ipBlock: { cidr: '172.18.0.0/16' } }),
    cases: [
      [api, web, 'TCP 80', true],
      [bare, web, 'TCP 80', false],
      ['172.18.0.3', web, 'TCP 80', true],
    ],
  },
  {
    row: 33,
    title: 'egress of the source and ingress of the destination both have to admit',
    world: {
      policies: [
        policyOf('out', { podSelector: isApi, policyTypes: ['Egress'] }),
        policyOf('in', { podSelector: isWeb, ingress: [{ from: [{ podSelector: isApi }] }] }),
      ],
    },
    cases: [
      [api, web, 'TCP 80', false],
      [bare, web, 'TCP 80', false],
      [web, bare, 'TCP 80', true],
    ],
  },
  {
    row: 34,
    title: 'what policies admit adds up',
    world: {
      policies: [
        policyOf('deny', { podSelector: {} }),
        policyOf('a', { podSelector: isWeb, ingress: [{ from: [{ podSelector: isApi }] }] }),
        policyOf('b', { podSelector: {}, ingress: [{ ports: [{ port: 443 }] }] }),
      ],
    },
    cases: [
      [api, web, 'TCP 80', true],
      [bare, web, 'TCP 443', true],
      [bare, web, 'TCP 80', false],
      [web, bare, 'TCP 80', false],
    ],
  },
  {
    row: 37,
    title: 'selectors see the name of a namespace as its label',
    world: {
      ...from({ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'other' } } }),
      namespaces: [namespaceOf('other')],
    },
    cases: [
      [otherWeb, web, 'TCP 80', true],
      [api, web, 'TCP 80', false],
    ],
  },
  {
    row: 41,
    title: 'ICMP is admitted by rules without ports',
    world: from({ podSelector: isApi }),
    cases: [
      [api, web, 'ICMP', true],
      [bare, web, 'ICMP', false],
      [api, web, '47 0', true],
    ],
  },
  {
    row: 43,
    title: 'each family is judged by itself',
    world: from({ ipBlock: { cidr: '0.0.0.0/0' } }),
    cases: [
      [outside, web, 'TCP 80', true],
      ['2001:db8::1', web, 'TCP 80', false],
    ],
  },
  {
    row: 50,
    title: 'a peer that selects no pod admits nobody and is no error',
    world: from({ podSelector: { matchLabels: { app: 'nothing' } } }),
    cases: nobody,
  },
]);
