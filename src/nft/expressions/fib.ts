import { nameOf, readU32 } from '../reading.ts';
import type { ExpressionCodec } from './codec.ts';

const NFTA_FIB = { DREG: 1, RESULT: 2, FLAGS: 3 } as const;
const results = { oif: 1, oifname: 2, type: 3 } as const;
const flagBits = { saddr: 1, daddr: 2, mark: 4, iif: 8, oif: 16 } as const;
/** `RTN_` route types (linux/rtnetlink.h) that `fib ... type` answers. */
export const RTN_LOCAL = 2;

/** Asks the routing table about an address of the packet: which interface, or which type of address. */
export interface Fib {
  readonly kind: 'fib';
  readonly flags: readonly (keyof typeof flagBits)[];
  readonly result: keyof typeof results;
  readonly into: number;
}

export const fib: ExpressionCodec<Fib> = {
  name: 'fib',
  write(into, expression) {
    const flags = expression.flags.reduce((bits, flag) => bits | flagBits[flag], 0);
    into.u32be(NFTA_FIB.DREG, expression.into);
    into.u32be(NFTA_FIB.RESULT, results[expression.result]).u32be(NFTA_FIB.FLAGS, flags);
  },
  read(attributes) {
    const bits = readU32(attributes, NFTA_FIB.FLAGS);
    const all = Object.keys(flagBits) as (keyof typeof flagBits)[];
    return {
      kind: 'fib',
      flags: all.filter((flag) => (bits & flagBits[flag]) !== 0),
      result: nameOf(results, readU32(attributes, NFTA_FIB.RESULT)),
      into: readU32(attributes, NFTA_FIB.DREG),
    };
  },
  print(expression, registers) {
    const text = `fib ${expression.flags.join(' . ')} ${expression.result}`;
    registers.load(expression.into, {
      text,
      ...(expression.result === 'type' ? { type: 'fib_addrtype' } : {}),
    });
    return undefined;
  },
};
