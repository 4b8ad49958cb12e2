import type { RdataCodec } from './codec.ts';

/** Every other type: bytes that pass through (RFC 3597). */
export const rawCodec: RdataCodec<'raw'> = {
  kind: 'raw',
  types: [],
  // A copy: what is kept of a message must not keep the whole of it.
  read: (reader) => ({
    kind: 'raw',
    bytes: Uint8Array.from(reader.view(reader.end - reader.offset)),
  }),
  write: (writer, { bytes }) => writer.copy(bytes),
  text: ({ bytes }) =>
    [String.raw`\#`, bytes.length, Buffer.from(bytes).toString('hex')].join(' ').trimEnd(),
};
