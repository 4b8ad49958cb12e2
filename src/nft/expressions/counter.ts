import { readU64 } from '../reading.ts';
import type { ExpressionCodec } from './codec.ts';

const NFTA_COUNTER_BYTES = 1;
const NFTA_COUNTER_PACKETS = 2;

/** Counts what passes. Values that are set are where it starts, or what it stood at when read. */
export interface Counter {
  readonly kind: 'counter';
  readonly packets?: bigint;
  readonly bytes?: bigint;
}

export const counter: ExpressionCodec<Counter> = {
  name: 'counter',
  write(into, { packets, bytes }) {
    if (bytes !== undefined) into.u64be(NFTA_COUNTER_BYTES, bytes);
    if (packets !== undefined) into.u64be(NFTA_COUNTER_PACKETS, packets);
  },
  read: (attributes) => ({
    kind: 'counter',
    ...(attributes.has(NFTA_COUNTER_PACKETS)
      ? { packets: readU64(attributes, NFTA_COUNTER_PACKETS) }
      : {}),
    ...(attributes.has(NFTA_COUNTER_BYTES)
      ? { bytes: readU64(attributes, NFTA_COUNTER_BYTES) }
      : {}),
  }),
  print: ({ packets, bytes }) => `counter packets ${packets ?? 0n} bytes ${bytes ?? 0n}`,
};
