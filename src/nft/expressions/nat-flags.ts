import type { AttributeWriter } from '../../netlink/index.ts';
import { readU32, type Attributes } from '../reading.ts';

/** `NF_NAT_RANGE_` flags (linux/netfilter/nf_nat.h) that a rule may ask for. */
const bits = { random: 1 << 2, persistent: 1 << 3, fullyRandom: 1 << 4 } as const;

/** How source ports (and addresses, of several) are chosen. */
export interface NatFlags {
  /** Ports from a hash with a random part. */
  readonly random?: boolean;
  /** Fully random ports: no collisions between connections that open at the same moment. */
  readonly fullyRandom?: boolean;
  /** The same client gets the same address. */
  readonly persistent?: boolean;
}

/** `implied` are bits that follow from the rest of the expression. */
export function writeNatFlags(
  into: AttributeWriter,
  type: number,
  flags: NatFlags,
  implied = 0,
): void {
  const value =
    implied |
    (flags.random === true ? bits.random : 0) |
    (flags.fullyRandom === true ? bits.fullyRandom : 0) |
    (flags.persistent === true ? bits.persistent : 0);
  if (value !== 0) into.u32be(type, value);
}

export function readNatFlags(attributes: Attributes, type: number): NatFlags {
  const value = readU32(attributes, type);
  return {
    ...((value & bits.random) === 0 ? {} : { random: true }),
    ...((value & bits.fullyRandom) === 0 ? {} : { fullyRandom: true }),
    ...((value & bits.persistent) === 0 ? {} : { persistent: true }),
  };
}

/** Starts with a space when there are any. */
export function natFlagsText(flags: NatFlags): string {
  const names = [
    flags.random === true ? 'random' : '',
    flags.fullyRandom === true ? 'fully-random' : '',
    flags.persistent === true ? 'persistent' : '',
  ].filter((name) => name !== '');
  return names.length === 0 ? '' : ` ${names.join(',')}`;
}
