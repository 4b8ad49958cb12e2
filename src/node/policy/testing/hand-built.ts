/** The reversed polynomial of CRC32c (RFC 9260, appendix A). */
const CASTAGNOLI = 0x82f63b78;

function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ CASTAGNOLI : crc >>> 1;
  }
  return ~crc >>> 0;
}

/** The first packet of an SCTP association: the kernel of a test need not speak SCTP to let it pass or not. */
export function sctpInit(port: number): { protocol: number; bytes: Buffer } {
  const bytes = Buffer.alloc(32);
  bytes.writeUInt16BE(40_000, 0);
  bytes.writeUInt16BE(port, 2);
  // An INIT chunk of 20 bytes: its tag, window and streams (RFC 9260, section 3.3.2).
  bytes.writeUInt8(1, 12);
  bytes.writeUInt16BE(20, 14);
  bytes.writeUInt32BE(1, 16);
  bytes.writeUInt32BE(65_536, 20);
  bytes.writeUInt16BE(1, 24);
  bytes.writeUInt16BE(1, 26);
  bytes.writeUInt32LE(crc32c(bytes), 8);
  return { protocol: 132, bytes };
}

let lastId = 0;

/**
 * An echo request, ICMP (RFC 792) or ICMPv6 (RFC 4443). Each has an identifier of its own, as each would be a flow of its
 * own; the kernel computes the checksum of ICMPv6.
 */
export function echoRequest(family: 4 | 6): { protocol: number; bytes: Buffer } {
  lastId += 1;
  const bytes = Buffer.alloc(8);
  bytes.writeUInt8(family === 4 ? 8 : 128, 0);
  bytes.writeUInt16BE(lastId, 4);
  if (family === 4) bytes.writeUInt16BE(0xffff - 0x0800 - lastId, 2);
  return { protocol: family === 4 ? 1 : 58, bytes };
}
