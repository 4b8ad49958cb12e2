import { addressFromBytes, addressToBytes, formatAddress, requireAddress } from '../../ip/index.ts';
import { recordTypes } from '../constants.ts';
import type { WireWriter } from '../wire-writer.ts';
import type { RdataCodec } from './codec.ts';

/** A (RFC 1035 section 3.4.1) and AAAA (RFC 3596). */
export const addressCodec: RdataCodec<'address'> = {
  kind: 'address',
  types: [recordTypes.A, recordTypes.AAAA],
  read(reader, type) {
    if (type === recordTypes.A) {
      const [a, b, c, d] = [reader.u8(), reader.u8(), reader.u8(), reader.u8()];
      return { kind: 'address', address: `${a}.${b}.${c}.${d}` };
    }
    const bytes = reader.view(16);
    if (bytes.length < 16) return { kind: 'address', address: '::' };
    return { kind: 'address', address: formatAddress(addressFromBytes(bytes)) };
  },
  write(writer, { address }, type) {
    if (type === recordTypes.A && writeIPv4(writer, address)) return;
    writer.copy(addressToBytes(requireAddress(address)));
  },
  text: ({ address }) => address,
};

/** Writes a dotted quad; false, with nothing written, when the text is none. Most answers are one of these. */
function writeIPv4(writer: WireWriter, text: string): boolean {
  let value = 0;
  let octet = 0;
  let dots = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === 0x2e) {
      value = value * 256 + octet;
      octet = 0;
      dots += 1;
    } else if (code >= 0x30 && code <= 0x39) {
      octet = octet * 10 + code - 0x30;
      if (octet > 255) return false;
    } else return false;
  }
  if (dots !== 3) return false;
  writer.u32(value * 256 + octet);
  return true;
}
