import { recordTypes } from '../constants.ts';
import type { RdataCodec } from './codec.ts';

/** SRV (RFC 2782): its target is never compressed, but read when it is. */
export const serviceCodec: RdataCodec<'service'> = {
  kind: 'service',
  types: [recordTypes.SRV],
  read: (reader) => ({
    kind: 'service',
    priority: reader.u16(),
    weight: reader.u16(),
    port: reader.u16(),
    target: reader.name(),
  }),
  write(writer, { priority, weight, port, target }) {
    writer.u16(priority);
    writer.u16(weight);
    writer.u16(port);
    writer.plainName(target);
  },
  text: ({ priority, weight, port, target }) => `${priority} ${weight} ${port} ${target}`,
};
