import { readString, readU32 } from '../reading.ts';
import { NFT_OBJECT_COUNTER } from '../named-counter-type.ts';
import type { ExpressionCodec } from './codec.ts';

const NFTA_OBJREF = { IMM_TYPE: 1, IMM_NAME: 2, SET_SREG: 3, SET_NAME: 4 } as const;

/** Counts with a named counter: one by name, or the one that an object map answers for a key. */
export type Objref =
  | { readonly kind: 'objref'; readonly counter: string }
  | { readonly kind: 'objref'; readonly map: string; readonly from: number };

export const objref: ExpressionCodec<Objref> = {
  name: 'objref',
  write(into, expression) {
    if ('counter' in expression) {
      into.u32be(NFTA_OBJREF.IMM_TYPE, NFT_OBJECT_COUNTER);
      into.bytes(NFTA_OBJREF.IMM_NAME, Buffer.from(expression.counter));
      return;
    }
    into.u32be(NFTA_OBJREF.SET_SREG, expression.from).string(NFTA_OBJREF.SET_NAME, expression.map);
  },
  read(attributes) {
    if (attributes.has(NFTA_OBJREF.IMM_NAME)) {
      return { kind: 'objref', counter: readString(attributes, NFTA_OBJREF.IMM_NAME) };
    }
    return {
      kind: 'objref',
      map: readString(attributes, NFTA_OBJREF.SET_NAME),
      from: readU32(attributes, NFTA_OBJREF.SET_SREG),
    };
  },
  print(expression, registers) {
    if ('counter' in expression) return `counter name ${JSON.stringify(expression.counter)}`;
    const fields = registers.sets.get(expression.map)?.key.length ?? 1;
    return `counter name ${registers.concatenation(expression.from, fields)} map @${expression.map}`;
  },
};
