import { recordTypes } from '../constants.ts';
import type { RdataCodec } from './codec.ts';

/** TXT (RFC 1035 section 3.3.14). */
export const textCodec: RdataCodec<'text'> = {
  kind: 'text',
  types: [recordTypes.TXT],
  read(reader) {
    const texts: string[] = [];
    while (reader.offset < reader.end && reader.failure === undefined) {
      texts.push(reader.latin1(reader.u8()));
    }
    return { kind: 'text', texts };
  },
  write(writer, { texts }) {
    for (const text of texts) {
      writer.u8(text.length);
      writer.latin1(text);
    }
  },
  text: ({ texts }) =>
    texts.map((text) => `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`).join(' '),
};
