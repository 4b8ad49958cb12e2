import { nameOf, readU32 } from '../reading.ts';
import type { ExpressionCodec } from './codec.ts';

const NFTA_BYTEORDER = { SREG: 1, DREG: 2, OP: 3, LEN: 4, SIZE: 5 } as const;
const operations = { ntoh: 0, hton: 1 } as const;

/** Turns the byte order of a register round: needed before numbers in host order are compared as ranges. */
export interface Byteorder {
  readonly kind: 'byteorder';
  readonly from: number;
  readonly into: number;
  readonly operation: keyof typeof operations;
  /** Bytes in all, and of each number. */
  readonly length: number;
  readonly size: 2 | 4 | 8;
}

export const byteorder: ExpressionCodec<Byteorder> = {
  name: 'byteorder',
  write(into, expression) {
    into.u32be(NFTA_BYTEORDER.SREG, expression.from).u32be(NFTA_BYTEORDER.DREG, expression.into);
    into.u32be(NFTA_BYTEORDER.OP, operations[expression.operation]);
    into.u32be(NFTA_BYTEORDER.LEN, expression.length).u32be(NFTA_BYTEORDER.SIZE, expression.size);
  },
  read: (attributes) => ({
    kind: 'byteorder',
    from: readU32(attributes, NFTA_BYTEORDER.SREG),
    into: readU32(attributes, NFTA_BYTEORDER.DREG),
    operation: nameOf(operations, readU32(attributes, NFTA_BYTEORDER.OP)),
    length: readU32(attributes, NFTA_BYTEORDER.LEN),
    size: readU32(attributes, NFTA_BYTEORDER.SIZE) as Byteorder['size'],
  }),
  print(expression, registers) {
    registers.load(expression.into, { ...registers.get(expression.from), swapped: true });
    return undefined;
  },
};
