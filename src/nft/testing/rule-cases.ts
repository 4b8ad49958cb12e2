import { hostU32, networkU16 } from '../data.ts';
import { addressBytes } from '../datatype.ts';
import type { Expression } from '../expression.ts';
import { registerAt } from '../register.ts';
import type { Verdict } from '../verdict.ts';
import type { NftCase } from './nft-case.ts';

const T = { family: 'ip', table: 't' } as const;
const inChain = 'add table ip t\nadd chain ip t c\nadd chain ip t d';

const verdict = (given: Verdict): Expression => ({ kind: 'immediate', verdict: given });
const accept = verdict({ code: 'accept' });
const drop = verdict({ code: 'drop' });
const saddr: Expression = { kind: 'payload', base: 'network', offset: 12, length: 4, into: 1 };
const daddr: Expression = { kind: 'payload', base: 'network', offset: 16, length: 4, into: 1 };
const l4proto: Expression = { kind: 'meta', key: 'l4proto', into: 1 };
const isTcp: Expression[] = [
  l4proto,
  { kind: 'cmp', from: 1, operator: '==', data: Buffer.from([6]) },
];
const dport: Expression = { kind: 'payload', base: 'transport', offset: 2, length: 2, into: 1 };
const mark: Expression = { kind: 'meta', key: 'mark', into: 1 };
const storeMark: Expression = { kind: 'meta', key: 'mark', from: 1 };
const none = hostU32(0);
const bits = (mask: number, xor: number): Expression => ({
  kind: 'bitwise',
  from: 1,
  into: 1,
  mask: hostU32(mask),
  xor: hostU32(xor),
});

function rule(command: string, expressions: readonly Expression[], comment?: string): NftCase {
  const given = { ...T, chain: 'c', expressions, ...(comment === undefined ? {} : { comment }) };
  return {
    setup: inChain,
    command: `add rule ip t c ${command}`,
    operations: [{ kind: 'add rule', rule: given }],
  };
}

/** One or more rules for each kind of expression. */
export const ruleCases: readonly NftCase[] = [
  rule('counter accept comment "all"', [{ kind: 'counter' }, accept], 'all'),
  rule('ip saddr 10.0.0.1 jump d', [
    saddr,
    { kind: 'cmp', from: 1, operator: '==', data: addressBytes('10.0.0.1', 4) },
    verdict({ code: 'jump', chain: 'd' }),
  ]),
  rule('ip saddr != 10.1.2.0/30 return', [
    saddr,
    { kind: 'bitwise', from: 1, into: 1, mask: addressBytes('255.255.255.252', 4), xor: none },
    { kind: 'cmp', from: 1, operator: '!=', data: addressBytes('10.1.2.0', 4) },
    verdict({ code: 'return' }),
  ]),
  rule('ct state invalid drop', [
    { kind: 'ct', key: 'state', into: 1 },
    bits(1, 0),
    { kind: 'cmp', from: 1, operator: '!=', data: none },
    drop,
  ]),
  rule('meta mark set meta mark or 0x4000', [mark, bits(~0x4000, 0x4000), storeMark]),
  rule('meta mark and 0x4000 != 0 meta mark set meta mark xor 0x4000', [
    mark,
    bits(0x4000, 0),
    { kind: 'cmp', from: 1, operator: '!=', data: none },
    mark,
    bits(-1, 0x4000),
    storeMark,
  ]),
  rule('masquerade fully-random', [{ kind: 'masquerade', fullyRandom: true }]),
  rule('ip daddr 10.9.9.9 dnat to 10.0.0.1', [
    daddr,
    { kind: 'cmp', from: 1, operator: '==', data: addressBytes('10.9.9.9', 4) },
    { kind: 'immediate', into: 1, data: addressBytes('10.0.0.1', 4) },
    { kind: 'nat', type: 'dnat', family: 'ip', address: 1 },
  ]),
  rule('meta l4proto tcp dnat to 10.0.0.1:8080', [
    ...isTcp,
    { kind: 'immediate', into: 1, data: addressBytes('10.0.0.1', 4) },
    { kind: 'immediate', into: 2, data: networkU16(8080) },
    { kind: 'nat', type: 'dnat', family: 'ip', address: 1, port: 2 },
  ]),
  {
    ...rule('meta l4proto tcp dnat to meta mark map @a:meta mark map @p', [
      ...isTcp,
      mark,
      { kind: 'lookup', set: 'a', from: 1, into: 1 },
      { kind: 'meta', key: 'mark', into: 2 },
      { kind: 'lookup', set: 'p', from: 2, into: 2 },
      { kind: 'nat', type: 'dnat', family: 'ip', address: 1, port: 2 },
    ]),
    setup: `${inChain}\nadd map ip t a { type mark : ipv4_addr; }\nadd map ip t p { type mark : inet_service; }`,
  },
  rule('meta l4proto tcp reject with tcp reset', [...isTcp, { kind: 'reject', with: 'tcp reset' }]),
  rule('reject', [{ kind: 'reject', with: 'icmp', code: 3 }]),
  rule('socket transparent 1 accept', [
    { kind: 'socket', key: 'transparent', into: 1 },
    { kind: 'cmp', from: 1, operator: '==', data: Buffer.from([1]) },
    accept,
  ]),
  rule('fib saddr type local accept', [
    { kind: 'fib', flags: ['saddr'], result: 'type', into: 1 },
    { kind: 'cmp', from: 1, operator: '==', data: hostU32(2) },
    accept,
  ]),
  rule('limit rate over 10/second burst 5 packets drop', [
    { kind: 'limit', type: 'packets', rate: 10, per: 'second', burst: 5, over: true },
    drop,
  ]),
  rule('log prefix "drop: " group 7 snaplen 64', [
    { kind: 'log', group: 7, prefix: 'drop: ', snaplen: 64 },
  ]),
  rule('notrack', [{ kind: 'notrack' }]),
  rule('meta mark set numgen random mod 4 offset 2', [
    { kind: 'numgen', type: 'random', modulus: 4, offset: 2, into: 1 },
    storeMark,
  ]),
  rule('meta mark set jhash ip saddr mod 8 seed 0xbeef', [
    { ...saddr, into: 2 },
    { kind: 'hash', type: 'jenkins', from: 2, length: 4, modulus: 8, seed: 0xbeef, into: 1 },
    storeMark,
  ]),
  rule('meta mark set symhash mod 8', [
    { kind: 'hash', type: 'symmetric', modulus: 8, into: 1 },
    storeMark,
  ]),
  rule('ct mark set meta mark', [mark, { kind: 'ct', key: 'mark', from: 1 }]),
  rule('meta l4proto tcp th dport != 80-90 accept', [
    ...isTcp,
    dport,
    { kind: 'range', from: 1, operator: '!=', low: networkU16(80), high: networkU16(90) },
    accept,
  ]),
  rule('iifname "eth0" accept', [
    { kind: 'meta', key: 'iifname', into: 1 },
    {
      kind: 'cmp',
      from: 1,
      operator: '==',
      data: Buffer.concat([Buffer.from('eth0'), Buffer.alloc(12)]),
    },
    accept,
  ]),
  rule('oif 1 accept', [
    { kind: 'meta', key: 'oif', into: 1 },
    { kind: 'cmp', from: 1, operator: '==', data: hostU32(1) },
    accept,
  ]),
  rule('meta mark != 16-32 accept', [
    mark,
    { kind: 'byteorder', from: 1, into: 1, operation: 'hton', length: 4, size: 4 },
    {
      kind: 'range',
      from: 1,
      operator: '!=',
      low: Buffer.from([0, 0, 0, 16]),
      high: Buffer.from([0, 0, 0, 32]),
    },
    accept,
  ]),
  {
    ...rule('counter name "hits"', [{ kind: 'objref', counter: 'hits' }]),
    setup: `${inChain}\nadd counter ip t hits`,
  },
  {
    ...rule('ip saddr != @s drop', [
      saddr,
      { kind: 'lookup', set: 's', from: 1, inverted: true },
      drop,
    ]),
    setup: `${inChain}\nadd set ip t s { type ipv4_addr; }`,
  },
  {
    ...rule('ip daddr . meta l4proto . th dport vmap @m', [
      daddr,
      { kind: 'meta', key: 'l4proto', into: registerAt(1) },
      { ...dport, into: registerAt(2) },
      { kind: 'lookup', set: 'm', from: 1, into: 0 },
    ]),
    setup: `${inChain}\nadd map ip t m { type ipv4_addr . inet_proto . inet_service : verdict; }`,
  },
  {
    ...rule('update @s { ip saddr timeout 30s }', [
      saddr,
      { kind: 'dynset', set: 's', operation: 'update', key: 1, timeout: 30_000 },
    ]),
    setup: `${inChain}\nadd set ip t s { type ipv4_addr; flags dynamic,timeout; size 10; }`,
  },
  rule('meta mark set 0x4000', [{ kind: 'immediate', into: 1, data: hostU32(0x4000) }, storeMark]),
  {
    ...rule('meta mark set ip daddr . meta l4proto . th dport map @m meta mark vmap @v', [
      daddr,
      { kind: 'meta', key: 'l4proto', into: registerAt(1) },
      { ...dport, into: registerAt(2) },
      { kind: 'lookup', set: 'm', from: 1, into: 1 },
      storeMark,
      mark,
      { kind: 'lookup', set: 'v', from: 1, into: 0 },
    ]),
    setup: `${inChain}\nadd map ip t m { type ipv4_addr . inet_proto . inet_service : mark; }\nadd map ip t v { type mark : verdict; }`,
  },
  {
    ...rule('ct mark set meta mark . ip saddr map @m', [
      mark,
      { ...saddr, into: registerAt(1) },
      { kind: 'lookup', set: 'm', from: 1, into: 1 },
      { kind: 'ct', key: 'mark', from: 1 },
    ]),
    setup: `${inChain}\nadd map ip t m { type mark . ipv4_addr : mark; }`,
  },
  ...(['update', 'delete'] as const).map((operation) => ({
    ...rule(`${operation} @m { meta mark . ip saddr timeout 30s : ct mark }`, [
      mark,
      { ...saddr, into: registerAt(1) },
      { kind: 'ct', key: 'mark', into: 2 },
      {
        kind: 'dynset',
        set: 'm',
        operation,
        key: 1,
        data: 2,
        timeout: 30_000,
      },
    ]),
    setup: `${inChain}\nadd map ip t m { type mark . ipv4_addr : mark; flags dynamic,timeout; size 10; }`,
  })),
];
