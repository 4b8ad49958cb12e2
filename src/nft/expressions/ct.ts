import { nameOf, readU32, readU8 } from '../reading.ts';
import type { DataTypeName } from '../datatype.ts';
import type { ExpressionCodec } from './codec.ts';

const NFTA_CT = { DREG: 1, KEY: 2, DIRECTION: 3, SREG: 4 } as const;

/** `enum nft_ct_keys`. */
const keys = {
  state: 0,
  direction: 1,
  status: 2,
  mark: 3,
  l3proto: 7,
  src: 8,
  dst: 9,
  protocol: 10,
  'proto-src': 11,
  'proto-dst': 12,
  id: 23,
} as const;
const directions = { original: 0, reply: 1 } as const;

const types: Partial<Record<keyof typeof keys, DataTypeName>> = {
  state: 'ct_state',
  mark: 'mark',
  protocol: 'inet_proto',
  'proto-src': 'inet_service',
  'proto-dst': 'inet_service',
};

/** Reads the packet's connection tracking entry into a register, or writes its mark from one. */
export interface Ct {
  readonly kind: 'ct';
  readonly key: keyof typeof keys;
  /** For the keys that differ by direction: addresses and ports. */
  readonly direction?: keyof typeof directions;
  readonly into?: number;
  readonly from?: number;
}

function text({ key, direction }: Ct): string {
  return direction === undefined ? `ct ${key}` : `ct ${direction} ${key}`;
}

export const ct: ExpressionCodec<Ct> = {
  name: 'ct',
  write(into, expression) {
    into.u32be(NFTA_CT.KEY, keys[expression.key]);
    if (expression.into !== undefined) into.u32be(NFTA_CT.DREG, expression.into);
    if (expression.direction !== undefined)
      into.u8(NFTA_CT.DIRECTION, directions[expression.direction]);
    if (expression.from !== undefined) into.u32be(NFTA_CT.SREG, expression.from);
  },
  read(attributes) {
    const direction = attributes.has(NFTA_CT.DIRECTION)
      ? { direction: nameOf(directions, readU8(attributes, NFTA_CT.DIRECTION)) }
      : {};
    const key = nameOf(keys, readU32(attributes, NFTA_CT.KEY));
    return attributes.has(NFTA_CT.SREG)
      ? { kind: 'ct', key, ...direction, from: readU32(attributes, NFTA_CT.SREG) }
      : { kind: 'ct', key, ...direction, into: readU32(attributes, NFTA_CT.DREG) };
  },
  print(expression, registers) {
    if (expression.from !== undefined) {
      return `${text(expression)} set ${registers.assigned(expression.from, types[expression.key])}`;
    }
    const type = types[expression.key];
    registers.load(expression.into ?? 1, { text: text(expression), ...(type ? { type } : {}) });
    return undefined;
  },
};
