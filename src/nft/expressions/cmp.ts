import { dataTypes } from '../datatype.ts';
import { readData, writeData } from '../data.ts';
import { nameOf, readU32 } from '../reading.ts';
import type { RegisterText } from '../register-texts.ts';
import type { ExpressionCodec } from './codec.ts';

const NFTA_CMP = { SREG: 1, OP: 2, DATA: 3 } as const;
const operators = { '==': 0, '!=': 1, '<': 2, '<=': 3, '>': 4, '>=': 5 } as const;

/** Goes on only when the register compares so with the data; bytes compare as one big-endian number. */
export interface Cmp {
  readonly kind: 'cmp';
  readonly from: number;
  readonly operator: keyof typeof operators;
  readonly data: Uint8Array;
}

/** A value as its type prints, or hexadecimal where the type is unknown. */
export function valueText({ type, swapped }: RegisterText, data: Uint8Array): string {
  const bytes = swapped === true ? Buffer.from(data).reverse() : Buffer.from(data);
  // A shorter name than an interface's sixteen bytes is the beginning of one.
  if (type === 'ifname' && bytes.length < dataTypes.ifname.bytes)
    return `"${bytes.toString('latin1')}*"`;
  if (type === undefined || bytes.length < dataTypes[type].bytes)
    return `0x${bytes.toString('hex')}`;
  return dataTypes[type].text(dataTypes[type].read(bytes));
}

/** The length of a mask of leading ones, or `undefined` for any other mask. */
function prefixLength(mask: Buffer): number | undefined {
  const bits = [...mask].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return /^1+0*$/.test(bits) ? bits.lastIndexOf('1') + 1 : undefined;
}

function matchText(loaded: RegisterText, operator: string, data: Uint8Array): string {
  const { mask, type } = loaded;
  const isEqual = operator === '==';
  const isAddress = type === 'ipv4_addr' || type === 'ipv6_addr';
  if (mask === undefined)
    return `${loaded.text} ${isEqual ? '' : `${operator} `}${valueText(loaded, data)}`;
  if (isAddress) {
    const prefix = prefixLength(mask);
    return `${loaded.text} ${isEqual ? '' : `${operator} `}${valueText(loaded, data)}/${prefix ?? '?'}`;
  }
  const isAnyBit = operator === '!=' && Buffer.from(data).every((byte) => byte === 0);
  if (type === 'ct_state' && isAnyBit) return `${loaded.text} ${valueText(loaded, mask)}`;
  return `${loaded.text} & ${valueText(loaded, mask)} ${operator} ${valueText(loaded, data)}`;
}

export const cmp: ExpressionCodec<Cmp> = {
  name: 'cmp',
  write(into, { from, operator, data }) {
    into.u32be(NFTA_CMP.SREG, from).u32be(NFTA_CMP.OP, operators[operator]);
    writeData(into, NFTA_CMP.DATA, data);
  },
  read: (attributes) => ({
    kind: 'cmp',
    from: readU32(attributes, NFTA_CMP.SREG),
    operator: nameOf(operators, readU32(attributes, NFTA_CMP.OP)),
    data: readData(attributes.get(NFTA_CMP.DATA)),
  }),
  print: ({ from, operator, data }, registers) => matchText(registers.get(from), operator, data),
};
