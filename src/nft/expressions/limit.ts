import { nameOf, readU32, readU64 } from '../reading.ts';
import type { ExpressionCodec } from './codec.ts';

const NFTA_LIMIT = { RATE: 1, UNIT: 2, BURST: 3, TYPE: 4, FLAGS: 5 } as const;
const units = { second: 1, minute: 60, hour: 3600, day: 86_400 } as const;
const types = { packets: 0, bytes: 1 } as const;
const NFT_LIMIT_F_INV = 1;

/** Goes on while the rate is not exceeded; `over` turns that round. */
export interface Limit {
  readonly kind: 'limit';
  readonly type: keyof typeof types;
  readonly rate: number;
  readonly per: keyof typeof units;
  readonly burst: number;
  readonly over?: boolean;
}

export const limit: ExpressionCodec<Limit> = {
  name: 'limit',
  write(into, expression) {
    into.u64be(NFTA_LIMIT.RATE, BigInt(expression.rate));
    into.u64be(NFTA_LIMIT.UNIT, BigInt(units[expression.per]));
    into.u32be(NFTA_LIMIT.BURST, expression.burst).u32be(NFTA_LIMIT.TYPE, types[expression.type]);
    into.u32be(NFTA_LIMIT.FLAGS, expression.over === true ? NFT_LIMIT_F_INV : 0);
  },
  read: (attributes) => ({
    kind: 'limit',
    type: nameOf(types, readU32(attributes, NFTA_LIMIT.TYPE)),
    rate: Number(readU64(attributes, NFTA_LIMIT.RATE)),
    per: nameOf(units, Number(readU64(attributes, NFTA_LIMIT.UNIT))),
    burst: readU32(attributes, NFTA_LIMIT.BURST),
    ...((readU32(attributes, NFTA_LIMIT.FLAGS) & NFT_LIMIT_F_INV) === 0 ? {} : { over: true }),
  }),
  print({ type, rate, per, burst, over }) {
    const start = `limit rate ${over === true ? 'over ' : ''}`;
    return type === 'packets'
      ? `${start}${rate}/${per} burst ${burst} packets`
      : `${start}${rate} bytes/${per} burst ${burst} bytes`;
  },
};
