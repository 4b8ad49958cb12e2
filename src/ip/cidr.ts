import { Fault } from '../fault/index.ts';
import {
  compareAddresses,
  familyBits,
  formatAddress,
  parseAddress,
  type Address,
  type Family,
} from './address.ts';

/** A block of addresses; `base` is its first address, without host bits. */
export interface Cidr {
  readonly family: Family;
  readonly base: bigint;
  /** 0 to 32, or 0 to 128. */
  readonly prefixLength: number;
}

const PREFIX_LENGTH = /^(0|[1-9][0-9]{0,2})$/;

/**
 * Reads `ADDRESS/LENGTH`, or returns `undefined` when the text is none. Host bits are dropped, as `net.ParseCIDR`
 * does; {@link hasHostBits} tells whether there were any.
 */
export function parseCidr(text: string): Cidr | undefined {
  const read = readCidr(text);
  return read && cidrOf(read.address, read.prefixLength);
}

/** Reads a block that must be one. @throws Fault `INVALID_CIDR` that quotes the text. */
export function requireCidr(text: string): Cidr {
  const cidr = parseCidr(text);
  if (cidr !== undefined) return cidr;
  throw new Fault({
    code: 'INVALID_CIDR',
    message: `${JSON.stringify(text)} is not a CIDR block`,
    advice: 'Write ADDRESS/LENGTH, for example 10.244.0.0/16 or fd00:10:244::/56.',
  });
}

/** True when the text is a block whose address has bits beyond the prefix: `10.0.0.1/8`. */
export function hasHostBits(text: string): boolean {
  const read = readCidr(text);
  if (read === undefined) return false;
  return cidrOf(read.address, read.prefixLength).base !== read.address.value;
}

function readCidr(text: string): { address: Address; prefixLength: number } | undefined {
  const slash = text.indexOf('/');
  const address = parseAddress(text.slice(0, Math.max(slash, 0)));
  const length = text.slice(slash + 1);
  if (address === undefined || !PREFIX_LENGTH.test(length)) return undefined;
  const prefixLength = Number(length);
  return prefixLength > familyBits(address.family) ? undefined : { address, prefixLength };
}

/** The block of that length around an address; without a length, the address alone (/32 or /128). */
export function cidrOf(address: Address, prefixLength = familyBits(address.family)): Cidr {
  const hostBits = BigInt(familyBits(address.family) - prefixLength);
  return { family: address.family, base: (address.value >> hostBits) << hostBits, prefixLength };
}

/** Canonical text: `10.244.0.0/16`. */
export function formatCidr(cidr: Cidr): string {
  return `${formatAddress(firstAddress(cidr))}/${cidr.prefixLength}`;
}

/** How many addresses the block has: 2 to the power of its host bits. */
export function cidrSize(cidr: Cidr): bigint {
  return 1n << BigInt(familyBits(cidr.family) - cidr.prefixLength);
}

export function firstAddress(cidr: Cidr): Address {
  return { family: cidr.family, value: cidr.base };
}

/** The highest address: the broadcast address of an IPv4 subnet. */
export function lastAddress(cidr: Cidr): Address {
  return { family: cidr.family, value: cidr.base + cidrSize(cidr) - 1n };
}

/** The address at `index`, counted from the base (0). @throws Fault `ADDRESS_OUT_OF_RANGE`. */
export function nthAddress(cidr: Cidr, index: number | bigint): Address {
  const offset = BigInt(index);
  if (offset >= 0n && offset < cidrSize(cidr)) {
    return { family: cidr.family, value: cidr.base + offset };
  }
  throw new Fault({
    code: 'ADDRESS_OUT_OF_RANGE',
    message: `${formatCidr(cidr)} has ${cidrSize(cidr)} addresses: there is no number ${offset}`,
  });
}

/**
 * The block at `index` when `cidr` is cut into blocks of `prefixLength`: how a cluster's pod block becomes node
 * blocks. @throws Fault `ADDRESS_OUT_OF_RANGE`.
 */
export function nthSubnet(cidr: Cidr, prefixLength: number, index: number): Cidr {
  const step = 1n << BigInt(familyBits(cidr.family) - prefixLength);
  return cidrOf(nthAddress(cidr, BigInt(index) * step), prefixLength);
}

export function containsAddress(cidr: Cidr, address: Address): boolean {
  return cidr.family === address.family && cidrOf(address, cidr.prefixLength).base === cidr.base;
}

/** True when every address of `inner` is in `outer`. */
export function containsCidr(outer: Cidr, inner: Cidr): boolean {
  return outer.prefixLength <= inner.prefixLength && containsAddress(outer, firstAddress(inner));
}

/** Blocks overlap only when one holds the other. */
export function overlaps(a: Cidr, b: Cidr): boolean {
  return containsCidr(a, b) || containsCidr(b, a);
}

export function isSameCidr(a: Cidr, b: Cidr): boolean {
  return compareCidrs(a, b) === 0;
}

/** Sorts by base address, then larger blocks first: a block stands before the ones inside it. */
export function compareCidrs(a: Cidr, b: Cidr): number {
  return compareAddresses(firstAddress(a), firstAddress(b)) || a.prefixLength - b.prefixLength;
}
