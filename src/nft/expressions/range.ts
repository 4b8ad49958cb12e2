import { readData, writeData } from '../data.ts';
import { nameOf, readU32 } from '../reading.ts';
import { valueText } from './cmp.ts';
import type { ExpressionCodec } from './codec.ts';

const NFTA_RANGE = { SREG: 1, OP: 2, FROM: 3, TO: 4 } as const;
const operators = { '==': 0, '!=': 1 } as const;

/** Goes on only when the register is (or is not) from `low` to `high`, both included, in big-endian order. */
export interface Range {
  readonly kind: 'range';
  readonly from: number;
  readonly operator: keyof typeof operators;
  readonly low: Uint8Array;
  readonly high: Uint8Array;
}

export const range: ExpressionCodec<Range> = {
  name: 'range',
  write(into, expression) {
    into
      .u32be(NFTA_RANGE.SREG, expression.from)
      .u32be(NFTA_RANGE.OP, operators[expression.operator]);
    writeData(into, NFTA_RANGE.FROM, expression.low);
    writeData(into, NFTA_RANGE.TO, expression.high);
  },
  read: (attributes) => ({
    kind: 'range',
    from: readU32(attributes, NFTA_RANGE.SREG),
    operator: nameOf(operators, readU32(attributes, NFTA_RANGE.OP)),
    low: readData(attributes.get(NFTA_RANGE.FROM)),
    high: readData(attributes.get(NFTA_RANGE.TO)),
  }),
  print({ from, operator, low, high }, registers) {
    const loaded = registers.get(from);
    const sign = operator === '==' ? '' : '!= ';
    return `${loaded.text} ${sign}${valueText(loaded, low)}-${valueText(loaded, high)}`;
  },
};
