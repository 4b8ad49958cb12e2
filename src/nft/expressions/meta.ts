import { nameOf, readU32 } from '../reading.ts';
import type { DataTypeName } from '../datatype.ts';
import type { ExpressionCodec } from './codec.ts';

const NFTA_META = { DREG: 1, KEY: 2, SREG: 3 } as const;

/** `enum nft_meta_keys`. */
const keys = {
  protocol: 1,
  priority: 2,
  mark: 3,
  iif: 4,
  oif: 5,
  iifname: 6,
  oifname: 7,
  skuid: 10,
  nfproto: 15,
  l4proto: 16,
  pkttype: 19,
} as const;

const types: Partial<Record<keyof typeof keys, DataTypeName>> = {
  mark: 'mark',
  priority: 'classid',
  iif: 'iface_index',
  oif: 'iface_index',
  iifname: 'ifname',
  oifname: 'ifname',
  l4proto: 'inet_proto',
};

/** nft prints these without the word meta. */
const bare = new Set(['iif', 'oif', 'iifname', 'oifname']);

/** Reads packet metadata into a register, or writes it from one. */
export interface Meta {
  readonly kind: 'meta';
  readonly key: keyof typeof keys;
  readonly into?: number;
  readonly from?: number;
}

function text(key: keyof typeof keys): string {
  return bare.has(key) ? key : `meta ${key}`;
}

export const meta: ExpressionCodec<Meta> = {
  name: 'meta',
  write(into, expression) {
    if (expression.into !== undefined) into.u32be(NFTA_META.DREG, expression.into);
    into.u32be(NFTA_META.KEY, keys[expression.key]);
    if (expression.from !== undefined) into.u32be(NFTA_META.SREG, expression.from);
  },
  read(attributes) {
    const key = nameOf(keys, readU32(attributes, NFTA_META.KEY));
    return attributes.has(NFTA_META.SREG)
      ? { kind: 'meta', key, from: readU32(attributes, NFTA_META.SREG) }
      : { kind: 'meta', key, into: readU32(attributes, NFTA_META.DREG) };
  },
  print(expression, registers) {
    const { key } = expression;
    if (expression.from !== undefined) {
      return `${text(key)} set ${registers.assigned(expression.from, types[key])}`;
    }
    const type = types[key];
    registers.load(expression.into ?? 1, { text: text(key), ...(type ? { type } : { bytes: 1 }) });
    return undefined;
  },
};
