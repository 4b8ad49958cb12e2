import type { Operation } from '../operation.ts';
import type { SetDefinition } from '../set.ts';
import type { NftCase } from './nft-case.ts';
import { ruleCases } from './rule-cases.ts';

const T = { family: 'ip', table: 't' } as const;
const table = { family: 'ip', name: 't' } as const;
const chain = { ...T, name: 'c' } as const;
const inTable = 'add table ip t';
const inChain = 'add table ip t\nadd chain ip t c\nadd chain ip t d';

const set = (definition: Omit<SetDefinition, 'family' | 'table'>): SetDefinition => ({
  ...T,
  ...definition,
});

const tableCases: readonly NftCase[] = [
  {
    setup: '',
    command: 'add table inet portolan',
    operations: [{ kind: 'add table', table: { family: 'inet', name: 'portolan' } }],
  },
  { setup: inTable, command: 'delete table ip t', operations: [{ kind: 'delete table', table }] },
  {
    setup: inTable,
    command: 'add counter ip t hits',
    operations: [{ kind: 'add counter', counter: { ...T, name: 'hits' } }],
  },
];

const chainCases: readonly NftCase[] = [
  {
    setup: inTable,
    command: 'add chain ip t c { type nat hook prerouting priority dstnat; policy accept; }',
    operations: [
      {
        kind: 'add chain',
        chain: {
          ...chain,
          base: { type: 'nat', hook: 'prerouting', priority: -100, policy: 'accept' },
        },
      },
    ],
  },
  {
    setup: 'add table inet t',
    command: 'add chain inet t c { type filter hook forward priority filter - 10; policy drop; }',
    operations: [
      {
        kind: 'add chain',
        chain: {
          family: 'inet',
          table: 't',
          name: 'c',
          base: { type: 'filter', hook: 'forward', priority: -10, policy: 'drop' },
        },
      },
    ],
  },
  {
    setup: 'add table ip6 t',
    command: 'add chain ip6 t c',
    operations: [{ kind: 'add chain', chain: { family: 'ip6', table: 't', name: 'c' } }],
  },
  { setup: inChain, command: 'flush chain ip t c', operations: [{ kind: 'flush chain', chain }] },
  { setup: inChain, command: 'delete chain ip t c', operations: [{ kind: 'delete chain', chain }] },
];

const addSet = (definition: SetDefinition): Operation[] => [{ kind: 'add set', set: definition }];

const setCases: readonly NftCase[] = [
  {
    setup: inTable,
    command: 'add set ip t s { type ipv4_addr; flags interval; comment "blocks"; }',
    operations: addSet(set({ name: 's', key: ['ipv4_addr'], interval: true, comment: 'blocks' })),
  },
  {
    setup: inTable,
    command: 'add set ip t s { type mark; flags timeout; size 100; timeout 10s; }',
    operations: addSet(set({ name: 's', key: ['mark'], size: 100, timeout: 10_000 })),
  },
  {
    setup: inTable,
    command: 'add map ip t m { type mark : ipv4_addr; }',
    operations: addSet(set({ name: 'm', key: ['mark'], data: ['ipv4_addr'] })),
  },
  {
    setup: inTable,
    command:
      'add map ip t m { typeof ip daddr . meta l4proto . th dport . numgen random mod 2 : ip daddr . th dport; }',
    operations: addSet(
      set({
        name: 'm',
        key: ['ipv4_addr', 'inet_proto', 'inet_service', 'numgen'],
        data: ['ipv4_addr', 'inet_service'],
      }),
    ),
  },
  {
    setup: inTable,
    command:
      'add map ip t m { typeof ip daddr . meta l4proto . th dport . numgen random mod 2 : meta mark; }',
    operations: addSet(
      set({
        name: 'm',
        key: ['ipv4_addr', 'inet_proto', 'inet_service', 'numgen'],
        data: ['mark'],
      }),
    ),
  },
  {
    setup: 'add table ip6 t',
    command:
      'add map ip6 t m { typeof ip6 daddr . meta l4proto . th dport . numgen random mod 2 : ip6 daddr . th dport; }',
    operations: addSet({
      family: 'ip6',
      table: 't',
      name: 'm',
      key: ['ipv6_addr', 'inet_proto', 'inet_service', 'numgen'],
      data: ['ipv6_addr', 'inet_service'],
    }),
  },
  {
    setup: inTable,
    command: 'add map ip t m { type ipv4_addr : verdict; }',
    operations: addSet(set({ name: 'm', key: ['ipv4_addr'], data: 'verdict' })),
  },
];

const frontends = set({
  name: 'm',
  key: ['ipv4_addr', 'inet_proto', 'inet_service'],
  data: 'verdict',
});
const plain = set({ name: 's', key: ['ipv4_addr'] });
const blocks = set({
  name: 's',
  key: ['ipv4_addr', 'inet_service'],
  interval: true,
  timeout: true,
});

const elementCases: readonly NftCase[] = [
  {
    setup: `${inChain}\nadd map ip t m { type ipv4_addr . inet_proto . inet_service : verdict; }`,
    command: 'add element ip t m { 10.96.0.1 . tcp . 80 : goto c }',
    operations: [
      {
        kind: 'add element',
        set: frontends,
        elements: [{ key: ['10.96.0.1', 'tcp', 80], verdict: { code: 'goto', chain: 'c' } }],
      },
    ],
  },
  {
    setup: `${inTable}\nadd set ip t s { type ipv4_addr . inet_service; flags interval,timeout; }`,
    command: 'add element ip t s { 10.0.0.0/8 . 80-90 timeout 5s comment "web" }',
    operations: [
      {
        kind: 'add element',
        set: blocks,
        elements: [
          { key: ['10.0.0.0', 80], keyEnd: ['10.255.255.255', 90], timeout: 5000, comment: 'web' },
        ],
      },
    ],
  },
  {
    setup: `${inTable}\nadd set ip t s { type ipv4_addr; }\nadd element ip t s { 1.1.1.1 }`,
    command: 'delete element ip t s { 1.1.1.1 }',
    operations: [{ kind: 'delete element', set: plain, elements: [{ key: ['1.1.1.1'] }] }],
  },
  {
    setup: `${inTable}\nadd set ip t s { type ipv4_addr; }`,
    command: 'flush set ip t s',
    operations: [{ kind: 'flush set', set: plain }],
  },
];

/** All of them; the bytes that nft sent for each are in testdata/captures.json. */
export const nftCases: readonly NftCase[] = [
  ...tableCases,
  ...chainCases,
  ...setCases,
  ...elementCases,
  ...ruleCases,
];
