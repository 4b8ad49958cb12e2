import { durationText } from '../duration.ts';
import { nameOf, readString, readU32, readU64 } from '../reading.ts';
import type { ExpressionCodec } from './codec.ts';

const NFTA_DYNSET = { SET: 1, SET_ID: 2, OP: 3, SREG_KEY: 4, SREG_DATA: 5, TIMEOUT: 6 } as const;
const operations = { add: 0, update: 1, delete: 2 } as const;

/** Adds, refreshes or deletes an element of a dynamic set from the packet path. */
export interface Dynset {
  readonly kind: 'dynset';
  readonly set: string;
  readonly operation: keyof typeof operations;
  /** The register where the key starts. */
  readonly key: number;
  /** The register where a map's data starts. */
  readonly data?: number;
  /** Milliseconds that the element lives from now; absent takes the set's own. */
  readonly timeout?: number;
}

export const dynset: ExpressionCodec<Dynset> = {
  name: 'dynset',
  write(into, expression) {
    into.u32be(NFTA_DYNSET.SREG_KEY, expression.key);
    if (expression.data !== undefined) into.u32be(NFTA_DYNSET.SREG_DATA, expression.data);
    into.u32be(NFTA_DYNSET.OP, operations[expression.operation]);
    if (expression.timeout !== undefined)
      into.u64be(NFTA_DYNSET.TIMEOUT, BigInt(expression.timeout));
    into.string(NFTA_DYNSET.SET, expression.set);
  },
  read(attributes) {
    const timeout = Number(readU64(attributes, NFTA_DYNSET.TIMEOUT));
    return {
      kind: 'dynset',
      set: readString(attributes, NFTA_DYNSET.SET),
      operation: nameOf(operations, readU32(attributes, NFTA_DYNSET.OP)),
      key: readU32(attributes, NFTA_DYNSET.SREG_KEY),
      ...(attributes.has(NFTA_DYNSET.SREG_DATA)
        ? { data: readU32(attributes, NFTA_DYNSET.SREG_DATA) }
        : {}),
      ...(timeout === 0 ? {} : { timeout }),
    };
  },
  print(expression, registers) {
    const set = registers.sets.get(expression.set);
    const key = registers.concatenation(expression.key, set?.key.length ?? 1);
    const timeout =
      expression.timeout === undefined ? '' : ` timeout ${durationText(expression.timeout)}`;
    const count = Array.isArray(set?.data) ? set.data.length : 1;
    const data =
      expression.data === undefined ? '' : ` : ${registers.concatenation(expression.data, count)}`;
    return `${expression.operation} @${expression.set} { ${key}${timeout}${data} }`;
  },
};
