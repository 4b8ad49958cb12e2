import { recordTypes } from '../constants.ts';
import type { RdataCodec } from './codec.ts';

/** MX (RFC 1035 section 3.3.9). */
export const mailCodec: RdataCodec<'mail'> = {
  kind: 'mail',
  types: [recordTypes.MX],
  read: (reader) => ({ kind: 'mail', preference: reader.u16(), exchange: reader.name() }),
  write(writer, { preference, exchange }) {
    writer.u16(preference);
    writer.name(exchange);
  },
  text: ({ preference, exchange }) => `${preference} ${exchange}`,
};
