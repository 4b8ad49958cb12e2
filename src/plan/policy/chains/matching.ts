import {
  ctStateBits,
  hostU32,
  registerAt,
  type Expression,
  type SetDefinition,
} from '../../../nft/index.ts';
import type { PlanFamily } from '../../layout.ts';
import {
  goTo,
  loadAddress,
  loadMark,
  loadProtocol,
  mapped,
  memberOf,
  storeMark,
  verdict,
} from '../../matching.ts';

/** Which end of a packet: the subject of a direction, or its peer. */
export type End = 'source' | 'destination';

/** The nodes' ends of pods' wires all begin so. */
const WIRE_PREFIX = 'veth';

/** `iifname "veth*"`: from a pod of this node; `oifname "veth*"`: to one. */
export function throughWire(key: 'iifname' | 'oifname'): Expression[] {
  return [
    { kind: 'meta', key, into: registerAt(0) },
    { kind: 'cmp', from: registerAt(0), operator: '==', data: Buffer.from(WIRE_PREFIX) },
  ];
}

/** `ct state established,related` */
export function connectionContinues(): Expression[] {
  return [
    { kind: 'ct', key: 'state', into: registerAt(0) },
    {
      kind: 'bitwise',
      from: registerAt(0),
      into: registerAt(0),
      mask: hostU32(ctStateBits('established', 'related')),
      xor: hostU32(0),
    },
    { kind: 'cmp', from: registerAt(0), operator: '!=', data: hostU32(0) },
  ];
}

/** `meta mark set ADDRESS map @MAP`: while a packet is judged, its mark is the subject's class, then the port set. */
export function subjectFrom(family: PlanFamily, end: End, map: SetDefinition): Expression[] {
  return [loadAddress(family, end), mapped(map), storeMark];
}

/** `meta priority set`, of what is at register word 0. */
const storePriority: Expression = { kind: 'meta', key: 'priority', from: registerAt(0) };

/** `meta priority set ADDRESS map @MAP`: the priority is the peer's class. */
export function peerFrom(family: PlanFamily, end: End, map: SetDefinition): Expression[] {
  return [loadAddress(family, end), mapped(map), storePriority];
}

/** `meta priority set NUMBER` */
export function setPriority(number: number): Expression[] {
  return [{ kind: 'immediate', into: registerAt(0), data: hostU32(number) }, storePriority];
}

/** `meta mark set NUMBER` */
export function setMarkTo(number: number): Expression[] {
  return [{ kind: 'immediate', into: registerAt(0), data: hostU32(number) }, storeMark];
}

/** `meta mark NUMBER` */
export function markIs(number: number): Expression[] {
  return [loadMark, { kind: 'cmp', from: registerAt(0), operator: '==', data: hostU32(number) }];
}

/** `meta mark != @SET` */
export function markNotIn(set: SetDefinition): Expression[] {
  return [loadMark, memberOf(set, true)];
}

/** `meta mark set meta mark . meta priority map @ADMISSIONS goto CHAIN` */
export function admission(admissions: SetDefinition, chain: string): Expression[] {
  return [
    loadMark,
    { kind: 'meta', key: 'priority', into: registerAt(1) },
    mapped(admissions),
    storeMark,
    goTo(chain),
  ];
}

/** `meta mark . meta l4proto . th dport @SET` */
export function portsIn(set: SetDefinition): Expression[] {
  return [
    loadMark,
    loadProtocol(1),
    { kind: 'payload', base: 'transport', offset: 2, length: 2, into: registerAt(2) },
    memberOf(set, false),
  ];
}

export const passes: Expression = verdict({ code: 'return' });

export function jumpTo(chain: string): Expression {
  return verdict({ code: 'jump', chain });
}
