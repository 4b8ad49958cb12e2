import { nameOf, readU32 } from '../reading.ts';
import { headerField } from './header-fields.ts';
import type { ExpressionCodec } from './codec.ts';

const NFTA_PAYLOAD = { DREG: 1, BASE: 2, OFFSET: 3, LEN: 4 } as const;
const bases = { link: 0, network: 1, transport: 2 } as const;

/** Loads bytes of a packet header. */
export interface Payload {
  readonly kind: 'payload';
  readonly base: keyof typeof bases;
  /** In bytes, from the start of the header. */
  readonly offset: number;
  readonly length: number;
  readonly into: number;
}

export const payload: ExpressionCodec<Payload> = {
  name: 'payload',
  write(into, expression) {
    into.u32be(NFTA_PAYLOAD.DREG, expression.into);
    into.u32be(NFTA_PAYLOAD.BASE, bases[expression.base]);
    into.u32be(NFTA_PAYLOAD.OFFSET, expression.offset);
    into.u32be(NFTA_PAYLOAD.LEN, expression.length);
  },
  read: (attributes) => ({
    kind: 'payload',
    base: nameOf(bases, readU32(attributes, NFTA_PAYLOAD.BASE)),
    offset: readU32(attributes, NFTA_PAYLOAD.OFFSET),
    length: readU32(attributes, NFTA_PAYLOAD.LEN),
    into: readU32(attributes, NFTA_PAYLOAD.DREG),
  }),
  print(expression, registers) {
    registers.load(expression.into, headerField(expression, registers.family));
    return undefined;
  },
};
