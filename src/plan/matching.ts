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
import { MASQUERADE_MARK } from './settings.ts';

/** Offsets of addresses in the IPv4 (RFC 791) and IPv6 (RFC 8200) headers. */
const headers = {
  ip: { length: 4, source: 12, destination: 16 },
  ip6: { length: 16, source: 8, destination: 24 },
} as const;

function loadAddress(family: PlanFamily, which: 'source' | 'destination', word = 0): Expression {
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
    { kind: 'meta', key: 'l4proto', into: registerAt(after) },
    { kind: 'payload', base: 'transport', offset: 2, length: 2, into: registerAt(after + 1) },
  ];
}

/** `vmap @MAP` over what {@link loadFrontend} loaded. */
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

function memberOf(set: SetDefinition, inverted: boolean): Expression {
  return { kind: 'lookup', set: set.name, from: registerAt(0), ...(inverted ? { inverted } : {}) };
}

/** `fib saddr type local`: sent by this node itself. */
export const sourceIsLocal: readonly Expression[] = [
  { kind: 'fib', flags: ['saddr'], result: 'type', into: registerAt(0) },
  { kind: 'cmp', from: registerAt(0), operator: '==', data: hostU32(RTN_LOCAL) },
];

/** `ct state STATE` */
export function connectionIs(state: 'invalid' | 'new'): Expression[] {
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

/** `meta mark & MARK != 0` */
export const isMarked: readonly Expression[] = [
  { kind: 'meta', key: 'mark', into: registerAt(0) },
  {
    kind: 'bitwise',
    from: registerAt(0),
    into: registerAt(0),
    mask: hostU32(MASQUERADE_MARK),
    xor: hostU32(0),
  },
  { kind: 'cmp', from: registerAt(0), operator: '!=', data: hostU32(0) },
];

/** `meta mark set meta mark | MARK` */
export const setMark: readonly Expression[] = changeMark(~MASQUERADE_MARK);

/** `meta mark set meta mark ^ MARK`: clears the bit where it is known to be set. */
export const toggleMark: readonly Expression[] = changeMark(-1);

function changeMark(mask: number): Expression[] {
  return [
    { kind: 'meta', key: 'mark', into: registerAt(0) },
    {
      kind: 'bitwise',
      from: registerAt(0),
      into: registerAt(0),
      mask: hostU32(mask),
      xor: hostU32(MASQUERADE_MARK),
    },
    { kind: 'meta', key: 'mark', from: registerAt(0) },
  ];
}

/** `masquerade fully-random`: ports without collisions between connections that open at the same moment. */
export const masquerade: Expression = { kind: 'masquerade', fullyRandom: true };

export function verdict(given: Verdict): Expression {
  return { kind: 'immediate', verdict: given };
}
