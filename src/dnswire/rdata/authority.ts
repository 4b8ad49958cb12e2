import { recordTypes } from '../constants.ts';
import type { RdataCodec } from './codec.ts';

/** SOA (RFC 1035 section 3.3.13). */
export const authorityCodec: RdataCodec<'authority'> = {
  kind: 'authority',
  types: [recordTypes.SOA],
  read: (reader) => ({
    kind: 'authority',
    primary: reader.name(),
    mailbox: reader.name(),
    serial: reader.u32(),
    refresh: reader.u32(),
    retry: reader.u32(),
    expire: reader.u32(),
    minimum: reader.u32(),
  }),
  write(writer, data) {
    writer.name(data.primary);
    writer.name(data.mailbox);
    for (const field of ['serial', 'refresh', 'retry', 'expire', 'minimum'] as const) {
      writer.u32(data[field]);
    }
  },
  text: ({ primary, mailbox, serial, refresh, retry, expire, minimum }) =>
    [primary, mailbox, serial, refresh, retry, expire, minimum].join(' '),
};
