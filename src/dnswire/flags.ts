import type { Header } from './message.ts';

/** Bits of the second header word (RFC 1035 section 4.1.1, RFC 4035 section 3). */
const QR = 0x8000;
const AA = 0x0400;
const TC = 0x0200;
const RD = 0x0100;
const RA = 0x0080;
const AD = 0x0020;
const CD = 0x0010;

/** The TC bit within the third byte of a message. */
export const TRUNCATED_BYTE = TC >>> 8;

/** Header fields from the identifier and the flag word. */
export function unpackHeader(id: number, flags: number): Header {
  return {
    id,
    isResponse: (flags & QR) !== 0,
    opcode: (flags >>> 11) & 0xf,
    isAuthoritative: (flags & AA) !== 0,
    isTruncated: (flags & TC) !== 0,
    isRecursionDesired: (flags & RD) !== 0,
    isRecursionAvailable: (flags & RA) !== 0,
    isAuthentic: (flags & AD) !== 0,
    isCheckingDisabled: (flags & CD) !== 0,
    rcode: flags & 0xf,
  };
}

/** The flag word of a header; the upper bits of the rcode are EDNS's. */
export function packFlags(header: Header): number {
  return (
    (header.isResponse ? QR : 0) |
    ((header.opcode & 0xf) << 11) |
    (header.isAuthoritative ? AA : 0) |
    (header.isTruncated ? TC : 0) |
    (header.isRecursionDesired ? RD : 0) |
    (header.isRecursionAvailable ? RA : 0) |
    (header.isAuthentic ? AD : 0) |
    (header.isCheckingDisabled ? CD : 0) |
    (header.rcode & 0xf)
  );
}
