import { recordTypes } from '../constants.ts';
import type { RdataCodec } from './codec.ts';

/** NS, CNAME and PTR (RFC 1035 section 3.3), and DNAME (RFC 6672), which is never compressed. */
export const nameCodec: RdataCodec<'name'> = {
  kind: 'name',
  types: [recordTypes.NS, recordTypes.CNAME, recordTypes.PTR, recordTypes.DNAME],
  read: (reader) => ({ kind: 'name', name: reader.name() }),
  write(writer, { name }, type) {
    if (type === recordTypes.DNAME) writer.plainName(name);
    else writer.name(name);
  },
  text: ({ name }) => name,
};
