import { attributeMap, type AttributeWriter } from '../netlink/index.ts';

const NFTA_DATA_VALUE = 1;

/** Writes `struct nft_data` with raw bytes as attribute `type`. */
export function writeData(into: AttributeWriter, type: number, value: Uint8Array): void {
  into.nested(type, (inner) => inner.bytes(NFTA_DATA_VALUE, value));
}

/** The raw bytes of an `nft_data` attribute, empty when it holds none. */
export function readData(data: Buffer | undefined): Buffer {
  if (data === undefined) return Buffer.alloc(0);
  return attributeMap(data).get(NFTA_DATA_VALUE) ?? Buffer.alloc(0);
}

/** A 32-bit number as registers hold it: host (little) endian. */
export function hostU32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes;
}

/** A port as it stands in a packet. */
export function networkU16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}
