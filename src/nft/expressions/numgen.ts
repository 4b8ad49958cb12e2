import { nameOf, readU32 } from '../reading.ts';
import type { ExpressionCodec } from './codec.ts';

const NFTA_NG = { DREG: 1, MODULUS: 2, TYPE: 3, OFFSET: 4 } as const;
const types = { inc: 0, random: 1 } as const;

/** Loads a number from `offset` to `offset + modulus - 1`, in turn or at random. */
export interface Numgen {
  readonly kind: 'numgen';
  readonly type: keyof typeof types;
  /** 1 or more. */
  readonly modulus: number;
  readonly offset?: number;
  readonly into: number;
}

export const numgen: ExpressionCodec<Numgen> = {
  name: 'numgen',
  write(into, expression) {
    into.u32be(NFTA_NG.DREG, expression.into).u32be(NFTA_NG.MODULUS, expression.modulus);
    into.u32be(NFTA_NG.TYPE, types[expression.type]).u32be(NFTA_NG.OFFSET, expression.offset ?? 0);
  },
  read(attributes) {
    const offset = readU32(attributes, NFTA_NG.OFFSET);
    return {
      kind: 'numgen',
      type: nameOf(types, readU32(attributes, NFTA_NG.TYPE)),
      modulus: readU32(attributes, NFTA_NG.MODULUS),
      ...(offset === 0 ? {} : { offset }),
      into: readU32(attributes, NFTA_NG.DREG),
    };
  },
  print(expression, registers) {
    const offset = expression.offset === undefined ? '' : ` offset ${expression.offset}`;
    const text = `numgen ${expression.type} mod ${expression.modulus}${offset}`;
    registers.load(expression.into, { text, type: 'numgen' });
    return undefined;
  },
};
