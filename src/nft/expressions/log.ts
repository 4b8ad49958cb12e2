import { readString, readU16, readU32 } from '../reading.ts';
import type { ExpressionCodec } from './codec.ts';

const NFTA_LOG = { GROUP: 1, PREFIX: 2, SNAPLEN: 3, QTHRESHOLD: 4 } as const;

/** Sends a copy of the packet to the nflog listeners of a group. */
export interface Log {
  readonly kind: 'log';
  readonly group: number;
  /** At most 127 bytes. */
  readonly prefix?: string;
  /** Bytes of the packet to copy; absent copies all of it. */
  readonly snaplen?: number;
  /** Packets that gather before listeners hear of them. */
  readonly queueThreshold?: number;
}

export const log: ExpressionCodec<Log> = {
  name: 'log',
  write(into, expression) {
    if (expression.prefix !== undefined) into.string(NFTA_LOG.PREFIX, expression.prefix);
    into.u16be(NFTA_LOG.GROUP, expression.group);
    if (expression.snaplen !== undefined) into.u32be(NFTA_LOG.SNAPLEN, expression.snaplen);
    if (expression.queueThreshold !== undefined) {
      into.u16be(NFTA_LOG.QTHRESHOLD, expression.queueThreshold);
    }
  },
  read(attributes) {
    const prefix = readString(attributes, NFTA_LOG.PREFIX);
    const snaplen = readU32(attributes, NFTA_LOG.SNAPLEN);
    const queueThreshold = readU16(attributes, NFTA_LOG.QTHRESHOLD);
    return {
      kind: 'log',
      group: readU16(attributes, NFTA_LOG.GROUP),
      ...(prefix === '' ? {} : { prefix }),
      ...(snaplen === 0 ? {} : { snaplen }),
      ...(queueThreshold === 0 ? {} : { queueThreshold }),
    };
  },
  print({ group, prefix, snaplen, queueThreshold }) {
    return [
      'log',
      prefix === undefined ? '' : ` prefix ${JSON.stringify(prefix)}`,
      ` group ${group}`,
      snaplen === undefined ? '' : ` snaplen ${snaplen}`,
      queueThreshold === undefined ? '' : ` queue-threshold ${queueThreshold}`,
    ].join('');
  },
};
