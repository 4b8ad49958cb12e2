import { readData, writeData } from '../data.ts';
import { readU32 } from '../reading.ts';
import { VERDICT_REGISTER } from '../register.ts';
import { readVerdict, verdictText, writeVerdict, type Verdict } from '../verdict.ts';
import type { ExpressionCodec } from './codec.ts';

const NFTA_IMMEDIATE_DREG = 1;
const NFTA_IMMEDIATE_DATA = 2;

/** Loads a constant into a register, or gives the verdict. */
export type Immediate =
  | { readonly kind: 'immediate'; readonly verdict: Verdict }
  | { readonly kind: 'immediate'; readonly into: number; readonly data: Uint8Array };

/** A constant in hexadecimal, or as a number when it is as long as one. */
function constantText(data: Uint8Array): string {
  const bytes = Buffer.from(data);
  if (bytes.length === 4) return [...bytes].join('.');
  return bytes.length === 2 ? String(bytes.readUInt16BE(0)) : `0x${bytes.toString('hex')}`;
}

export const immediate: ExpressionCodec<Immediate> = {
  name: 'immediate',
  write(into, expression) {
    if ('verdict' in expression) {
      into.u32be(NFTA_IMMEDIATE_DREG, VERDICT_REGISTER);
      into.nested(NFTA_IMMEDIATE_DATA, (data) => writeVerdict(data, expression.verdict));
      return;
    }
    into.u32be(NFTA_IMMEDIATE_DREG, expression.into);
    writeData(into, NFTA_IMMEDIATE_DATA, expression.data);
  },
  read(attributes) {
    const data = attributes.get(NFTA_IMMEDIATE_DATA);
    const verdict = data && readVerdict(data);
    if (verdict !== undefined) return { kind: 'immediate', verdict };
    return {
      kind: 'immediate',
      into: readU32(attributes, NFTA_IMMEDIATE_DREG),
      data: readData(data),
    };
  },
  print(expression, registers) {
    if ('verdict' in expression) return verdictText(expression.verdict);
    registers.load(expression.into, {
      text: constantText(expression.data),
      bytes: expression.data.length,
      constant: Buffer.from(expression.data),
    });
    return undefined;
  },
};
