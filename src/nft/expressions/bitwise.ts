import { readData, writeData } from '../data.ts';
import { readU32 } from '../reading.ts';
import type { RegisterText } from '../register-texts.ts';
import type { ExpressionCodec } from './codec.ts';
import { valueText } from './cmp.ts';

const NFTA_BITWISE = { SREG: 1, DREG: 2, LEN: 3, MASK: 4, XOR: 5, OP: 6 } as const;
const OP_BOOL = 0;

/**
 * `into = (from & mask) ^ xor`: one expression for all boolean operations. To OR bits in, clear them with the mask
 * and set them with the xor (the table in nf_tables.h above `nft_bitwise_attributes`).
 */
export interface Bitwise {
  readonly kind: 'bitwise';
  readonly from: number;
  readonly into: number;
  /** As long as `xor`. */
  readonly mask: Uint8Array;
  readonly xor: Uint8Array;
}

function print({ mask, xor }: Bitwise, loaded: RegisterText): RegisterText {
  const masks = Buffer.from(mask);
  const xors = Buffer.from(xor);
  const isAll = masks.every((byte) => byte === 255);
  if (xors.every((byte) => byte === 0)) return { ...loaded, mask: masks };
  if (isAll) return { ...loaded, text: `${loaded.text} ^ ${valueText(loaded, xors)}` };
  return { ...loaded, text: `${loaded.text} | ${valueText(loaded, xors)}` };
}

export const bitwise: ExpressionCodec<Bitwise> = {
  name: 'bitwise',
  write(into, { from, into: target, mask, xor }) {
    into.u32be(NFTA_BITWISE.SREG, from).u32be(NFTA_BITWISE.DREG, target);
    into.u32be(NFTA_BITWISE.LEN, mask.length).u32be(NFTA_BITWISE.OP, OP_BOOL);
    writeData(into, NFTA_BITWISE.MASK, mask);
    writeData(into, NFTA_BITWISE.XOR, xor);
  },
  read: (attributes) => ({
    kind: 'bitwise',
    from: readU32(attributes, NFTA_BITWISE.SREG),
    into: readU32(attributes, NFTA_BITWISE.DREG),
    mask: readData(attributes.get(NFTA_BITWISE.MASK)),
    xor: readData(attributes.get(NFTA_BITWISE.XOR)),
  }),
  print(expression, registers) {
    registers.load(expression.into, print(expression, registers.get(expression.from)));
    return undefined;
  },
};
