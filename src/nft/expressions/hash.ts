import { nameOf, readU32 } from '../reading.ts';
import type { ExpressionCodec } from './codec.ts';

const NFTA_HASH = { SREG: 1, DREG: 2, LEN: 3, MODULUS: 4, SEED: 5, OFFSET: 6, TYPE: 7 } as const;
const types = { jenkins: 0, symmetric: 1 } as const;

/** Loads a hash, from `offset` to `offset + modulus - 1`: of a register (jenkins), or of the flow (symmetric). */
export interface Hash {
  readonly kind: 'hash';
  readonly type: keyof typeof types;
  /** jenkins: the register, and how many bytes from it count. */
  readonly from?: number;
  readonly length?: number;
  readonly seed?: number;
  readonly modulus: number;
  readonly offset?: number;
  readonly into: number;
}

export const hash: ExpressionCodec<Hash> = {
  name: 'hash',
  write(into, expression) {
    if (expression.from !== undefined) into.u32be(NFTA_HASH.SREG, expression.from);
    into.u32be(NFTA_HASH.DREG, expression.into);
    if (expression.length !== undefined) into.u32be(NFTA_HASH.LEN, expression.length);
    into.u32be(NFTA_HASH.MODULUS, expression.modulus);
    if (expression.seed !== undefined) into.u32be(NFTA_HASH.SEED, expression.seed);
    into
      .u32be(NFTA_HASH.OFFSET, expression.offset ?? 0)
      .u32be(NFTA_HASH.TYPE, types[expression.type]);
  },
  read(attributes) {
    const offset = readU32(attributes, NFTA_HASH.OFFSET);
    const type = nameOf(types, readU32(attributes, NFTA_HASH.TYPE));
    const input = {
      from: readU32(attributes, NFTA_HASH.SREG),
      length: readU32(attributes, NFTA_HASH.LEN),
    };
    return {
      kind: 'hash',
      type,
      ...(type === 'jenkins' ? input : {}),
      ...(attributes.has(NFTA_HASH.SEED) ? { seed: readU32(attributes, NFTA_HASH.SEED) } : {}),
      modulus: readU32(attributes, NFTA_HASH.MODULUS),
      ...(offset === 0 ? {} : { offset }),
      into: readU32(attributes, NFTA_HASH.DREG),
    };
  },
  print(expression, registers) {
    const offset = expression.offset === undefined ? '' : ` offset ${expression.offset}`;
    const seed = expression.seed === undefined ? '' : ` seed 0x${expression.seed.toString(16)}`;
    const input =
      expression.from === undefined ? 'symhash' : `jhash ${registers.get(expression.from).text}`;
    const text = `${input} mod ${expression.modulus}${seed}${offset}`;
    registers.load(expression.into, { text, type: 'numgen' });
    return undefined;
  },
};
