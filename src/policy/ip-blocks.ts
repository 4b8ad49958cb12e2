import { containsAddress, parseCidr, type Address, type Cidr } from '../ip/index.ts';
import type { IPBlock } from '../kube/index.ts';

/** An ipBlock, read. */
export interface Block {
  readonly cidr: Cidr;
  readonly except: readonly Cidr[];
}

/**
 * Reads a block as old objects may hold it: host bits are dropped, leading zeros in IPv4 octets are decimal
 * (row 22, `net.ParseCIDRSloppy`).
 */
export function parseSloppyCidr(text: string): Cidr | undefined {
  const trimmed = text.includes(':') ? text : text.replace(/(?<![0-9])0+(?=[0-9])/g, '');
  return parseCidr(trimmed);
}

/** `undefined` when any part of it cannot be read: a block that lost an exception would admit too much. */
export function readBlock({ cidr, except = [] }: IPBlock): Block | undefined {
  const outer = parseSloppyCidr(cidr);
  const inner = except.map(parseSloppyCidr).filter((part) => part !== undefined);
  return outer === undefined || inner.length < except.length
    ? undefined
    : { cidr: outer, except: inner };
}

/** Exceptions count within their own block only: another rule may still admit the address (row 21). */
export function blockContains({ cidr, except }: Block, address: Address): boolean {
  return containsAddress(cidr, address) && !except.some((inner) => containsAddress(inner, address));
}
