import {
  ctStateBits,
  dataTypes,
  hostU32,
  registerAt,
  RTN_LOCAL,
  VERDICT_REGISTER,
  type Expression,
  type SetDefinition,
  type Verdict,
} from '../nft/index.ts';
import type { PlanFamily } from './layout.ts';
import { MASQUERADE_MARK, type Balancing } from './settings.ts';

/** Offsets of addresses in the IPv4 (RFC 791) and IPv6 (RFC 8200) headers. */
const headers = {
  ip: { length: 4, source: 12, destination: 16 },
  ip6: { length: 16, source: 8, destination: 24 },
} as const;

/** `ip saddr` or `ip daddr`, at a register word. */
export function loadAddress(
  family: PlanFamily,
  which: 'source' | 'destination',
  word = 0,
): Expression {
  const { length, [which]: offset } = headers[family];
  return { kind: 'payload', base: 'network', offset, length, into: registerAt(word) };
}

/** 4-byte words of an address in the register file. */
export function addressWords(family: PlanFamily): number {
  return headers[family].length / 4;
}

/** `ip daddr . meta l4proto . th dport` from register word 0: what names a frontend. */
export function loadFrontend(family: PlanFamily): Expression[] {
  const after = addressWords(family);
  return [
    loadAddress(family, 'destination'),
    loadProtocol(after),
    { kind: 'payload', base: 'transport', offset: 2, length: 2, into: registerAt(after + 1) },
  ];
}

/** `meta l4proto`, at a register word. */
export function loadProtocol(word: number): Expression {
  return { kind: 'meta', key: 'l4proto', into: registerAt(word) };
}

/** `ip daddr . meta l4proto . th dport . ip saddr & MASK . meta mark` */
export function loadSourceBlock(family: PlanFamily, prefixLength: number): Expression[] {
  const source = addressWords(family) + 2;
  const { length } = headers[family];
  const at = registerAt(source);
  const mask = prefixMask(length, prefixLength);
  const isWhole = prefixLength === length * 8;
  return [
    ...loadFrontend(family),
    loadAddress(family, 'source', source),
    ...(isWhole
      ? []
      : [{ kind: 'bitwise', from: at, into: at, mask, xor: Buffer.alloc(length) } as const]),
    { kind: 'meta', key: 'mark', into: registerAt(source + addressWords(family)) },
  ];
}

function prefixMask(bytes: number, prefixLength: number): Buffer {
  return Buffer.from(
    Array.from({ length: bytes }, (_, index) => {
      const bits = Math.min(8, Math.max(0, prefixLength - index * 8));
      return (0xff << (8 - bits)) & 0xff;
    }),
  );
}

/** `map @MAP` over the key at register word 0, the answer in its place. */
export function mapped(map: SetDefinition): Expression {
  return { kind: 'lookup', set: map.name, from: registerAt(0), into: registerAt(0) };
}

/** `vmap @MAP` over the key at register word 0. */
export function vmap(map: SetDefinition): Expression {
  return { kind: 'lookup', set: map.name, from: registerAt(0), into: VERDICT_REGISTER };
}

/** `ip saddr @SET`, or with `inverted` `ip saddr != @SET`. */
export function sourceIn(family: PlanFamily, set: SetDefinition, inverted = false): Expression[] {
  return [loadAddress(family, 'source'), memberOf(set, inverted)];
}

/** `ip daddr @SET`, or with `inverted` `ip daddr != @SET`. */
export function destinationIn(
  family: PlanFamily,
  set: SetDefinition,
  inverted = false,
): Expression[] {
  return [loadAddress(family, 'destination'), memberOf(set, inverted)];
}

/** `ip saddr . ip daddr @SET` */
export function pairIn(family: PlanFamily, set: SetDefinition): Expression[] {
  return [
    loadAddress(family, 'source'),
    loadAddress(family, 'destination', addressWords(family)),
    memberOf(set, false),
  ];
}

/** `@SET` for the key at register word 0. */
export function memberOf(set: SetDefinition, inverted: boolean): Expression {
  return { kind: 'lookup', set: set.name, from: registerAt(0), ...(inverted ? { inverted } : {}) };
}

/** `fib saddr type local`: sent by this node itself. */
export const sourceIsLocal: readonly Expression[] = [
  { kind: 'fib', flags: ['saddr'], result: 'type', into: registerAt(0) },
  { kind: 'cmp', from: registerAt(0), operator: '==', data: hostU32(RTN_LOCAL) },
];

/** `ct state STATE` */
export function connectionIs(state: 'invalid' | 'new' | 'untracked'): Expression[] {
  const none = hostU32(0);
  return [
    { kind: 'ct', key: 'state', into: registerAt(0) },
    {
      kind: 'bitwise',
      from: registerAt(0),
      into: registerAt(0),
      mask: hostU32(ctStateBits(state)),
      xor: none,
    },
    { kind: 'cmp', from: registerAt(0), operator: '!=', data: none },
  ];
}

/** `meta l4proto tcp` */
export const isTcp: readonly Expression[] = [
  { kind: 'meta', key: 'l4proto', into: registerAt(0) },
  { kind: 'cmp', from: registerAt(0), operator: '==', data: tcpNumber() },
];

function tcpNumber(): Buffer {
  const byte = Buffer.alloc(1);
  dataTypes.inet_proto.write('tcp', byte, 0);
  return byte;
}

/** `meta mark`, at register word 0. */
export const loadMark: Expression = { kind: 'meta', key: 'mark', into: registerAt(0) };

/** `meta mark set` what is at register word 0. */
export const storeMark: Expression = { kind: 'meta', key: 'mark', from: registerAt(0) };

/** `meta mark & MARK != 0` */
export const isMarked: readonly Expression[] = [
  loadMark,
  {
    kind: 'bitwise',
    from: registerAt(0),
    into: registerAt(0),
    mask: hostU32(MASQUERADE_MARK),
    xor: hostU32(0),
  },
  { kind: 'cmp', from: registerAt(0), operator: '!=', data: hostU32(0) },
];

/** `meta mark set meta mark ^ MARK`: clears the bit where it is known to be set. */
export const toggleMark: readonly Expression[] = [
  loadMark,
  {
    kind: 'bitwise',
    from: registerAt(0),
    into: registerAt(0),
    mask: hostU32(-1),
    xor: hostU32(MASQUERADE_MARK),
  },
  storeMark,
];

/** `meta mark set VALUE` */
export function setMark(value: number): Expression[] {
  return [{ kind: 'immediate', into: registerAt(0), data: hostU32(value) }, storeMark];
}

/** `masquerade fully-random`: ports without collisions between connections that open at the same moment. */
export const masquerade: Expression = { kind: 'masquerade', fullyRandom: true };

export function verdict(given: Verdict): Expression {
  return { kind: 'immediate', verdict: given };
}

/** `goto CHAIN` */
export function goTo(chain: string): Expression {
  return verdict({ code: 'goto', chain });
}

/** `numgen random mod COUNT offset OFFSET`, behind what {@link loadFrontend} loaded. */
export function pickSlot(
  family: PlanFamily,
  { count, offset }: { readonly count: number; readonly offset: number },
  balancing: Balancing,
): Expression {
  return {
    kind: 'numgen',
    type: balancing === 'random' ? 'random' : 'inc',
    modulus: count,
    ...(offset === 0 ? {} : { offset }),
    into: registerAt(addressWords(family) + 2),
  };
}

/** `dnat ip to` the address and port that a map answered at register word 0. */
export function translate(family: PlanFamily): Expression {
  return {
    kind: 'nat',
    type: 'dnat',
    family,
    address: registerAt(0),
    port: registerAt(addressWords(family)),
  };
}
