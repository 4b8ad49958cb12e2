import { VERDICT_REGISTER } from '../register.ts';
import { readString, readU32 } from '../reading.ts';
import type { RegisterTexts } from '../register-texts.ts';
import type { ExpressionCodec } from './codec.ts';

const NFTA_LOOKUP = { SET: 1, SREG: 2, DREG: 3, SET_ID: 4, FLAGS: 5 } as const;
const NFT_LOOKUP_F_INV = 1;

/**
 * Looks the key that starts at register `from` up in a set of the same table. With `into` the set is a map and the
 * answer is loaded; register 0 takes a verdict. Without a match the rule ends.
 */
export interface Lookup {
  readonly kind: 'lookup';
  readonly set: string;
  readonly from: number;
  readonly into?: number;
  /** Goes on only when there is no match. */
  readonly inverted?: boolean;
}

function print(expression: Lookup, registers: RegisterTexts): string | undefined {
  const set = registers.sets.get(expression.set);
  const key = registers.concatenation(expression.from, set?.key.length ?? 1);
  if (expression.into === VERDICT_REGISTER) return `${key} vmap @${expression.set}`;
  if (expression.into === undefined) {
    return `${key} ${expression.inverted === true ? '!= ' : ''}@${expression.set}`;
  }
  registers.load(expression.into, { text: `${key} map @${expression.set}` });
  return undefined;
}

export const lookup: ExpressionCodec<Lookup> = {
  name: 'lookup',
  write(into, expression) {
    into.u32be(NFTA_LOOKUP.SREG, expression.from);
    if (expression.into !== undefined) into.u32be(NFTA_LOOKUP.DREG, expression.into);
    into.string(NFTA_LOOKUP.SET, expression.set);
    if (expression.inverted === true) into.u32be(NFTA_LOOKUP.FLAGS, NFT_LOOKUP_F_INV);
  },
  read: (attributes) => ({
    kind: 'lookup',
    set: readString(attributes, NFTA_LOOKUP.SET),
    from: readU32(attributes, NFTA_LOOKUP.SREG),
    ...(attributes.has(NFTA_LOOKUP.DREG) ? { into: readU32(attributes, NFTA_LOOKUP.DREG) } : {}),
    ...((readU32(attributes, NFTA_LOOKUP.FLAGS) & NFT_LOOKUP_F_INV) === 0
      ? {}
      : { inverted: true }),
  }),
  print,
};
