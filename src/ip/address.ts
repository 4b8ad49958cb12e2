import { Fault } from '../fault/index.ts';
import { formatIPv4, parseIPv4 } from './ipv4.ts';
import { formatIPv6, parseIPv6 } from './ipv6.ts';

/** An IP version. */
export type Family = 4 | 6;

/** One IP address as a plain value: 32 or 128 bits of `value`, most significant bit first on the wire. */
export interface Address {
  readonly family: Family;
  readonly value: bigint;
}

/** Bits of an address: 32 or 128. */
export function familyBits(family: Family): number {
  return family === 4 ? 32 : 128;
}

/**
 * Reads an address of either family, or returns `undefined` when the text is none. Strict as Kubernetes is for new
 * fields: no leading zeros in IPv4 octets, no zone, no surrounding space. IPv4-mapped IPv6 stays IPv6; see
 * {@link isMapped}.
 */
export function parseAddress(text: string): Address | undefined {
  if (text.includes(':')) {
    const value = parseIPv6(text);
    return value === undefined ? undefined : { family: 6, value };
  }
  const value = parseIPv4(text);
  return value === undefined ? undefined : { family: 4, value: BigInt(value) };
}

/** Reads an address that must be one. @throws Fault `INVALID_ADDRESS` that quotes the text. */
export function requireAddress(text: string): Address {
  const address = parseAddress(text);
  if (address !== undefined) return address;
  throw new Fault({
    code: 'INVALID_ADDRESS',
    message: `${JSON.stringify(text)} is not an IP address`,
    advice: 'Write an IPv4 address without leading zeros, or an IPv6 address without a zone.',
  });
}

/** The canonical text: a dotted quad, or RFC 5952. */
export function formatAddress(address: Address): string {
  return address.family === 4 ? formatIPv4(Number(address.value)) : formatIPv6(address.value);
}

/** The address from its 4 or 16 bytes in network order. @throws Fault `INVALID_ADDRESS` for any other length. */
export function addressFromBytes(bytes: Uint8Array): Address {
  if (bytes.length !== 4 && bytes.length !== 16) {
    throw new Fault({
      code: 'INVALID_ADDRESS',
      message: `an IP address has 4 or 16 bytes, not ${bytes.length}`,
    });
  }
  const value = bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  return { family: bytes.length === 4 ? 4 : 6, value };
}

/** The 4 or 16 bytes of the address in network order. */
export function addressToBytes(address: Address): Buffer {
  const hex = address.value.toString(16).padStart(familyBits(address.family) / 4, '0');
  return Buffer.from(hex, 'hex');
}

/** True for `::ffff:a.b.c.d`, which Kubernetes refuses in strict fields. */
export function isMapped(address: Address): boolean {
  return address.family === 6 && address.value >> 32n === 0xffffn;
}

/** The IPv4 address inside an IPv4-mapped one; any other address as it is. Dual-stack sockets report peers mapped. */
export function unmap(address: Address): Address {
  return isMapped(address) ? { family: 4, value: address.value & 0xffff_ffffn } : address;
}

export function isSameAddress(a: Address, b: Address): boolean {
  return a.family === b.family && a.value === b.value;
}

/** Sorts IPv4 before IPv6, then by value. */
export function compareAddresses(a: Address, b: Address): number {
  if (a.family !== b.family) return a.family - b.family;
  if (a.value === b.value) return 0;
  return a.value < b.value ? -1 : 1;
}
