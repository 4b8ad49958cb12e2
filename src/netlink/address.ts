import {
  addressFromBytes,
  addressToBytes,
  formatAddress,
  type Address,
  type Family,
} from '../ip/index.ts';
import { attributeMap, AttributeWriter } from './attributes.ts';
import type { Connection } from './connection.ts';
import {
  NLM_F_CREATE,
  NLM_F_EXCL,
  NLM_F_REPLACE,
  type NetlinkMessage,
  type NetlinkRequest,
} from './message.ts';
import { withHeader } from './reading.ts';
import { familyNumber, familyOf } from './rtnetlink.ts';

export const RTM_NEWADDR = 20;
export const RTM_DELADDR = 21;
const RTM_GETADDR = 22;

/** IFA_ attributes and flags (include/uapi/linux/if_addr.h). */
const IFA_ADDRESS = 1;
const IFA_LOCAL = 2;
const IFA_CACHEINFO = 6;
/** All flags; the header has room for the first eight. */
const IFA_FLAGS = 8;
const IFA_F_NODAD = 0x02;
const IFA_F_NOPREFIXROUTE = 0x200;
const FOR_EVER = 0xffff_ffff;
/** `RT_SCOPE_HOST` (include/uapi/linux/rtnetlink.h). */
const SCOPE_HOST = 254;
const IFADDRMSG_LENGTH = 8;

/** An address of an interface. */
export interface LinkAddress {
  /** Interface number. */
  readonly link: number;
  readonly address: Address;
  readonly prefixLength: number;
}

export interface AddressOptions {
  /** No error when it is there. */
  readonly replace?: boolean;
  /** The kernel never takes it as the source of a packet that does not name it: its scope ends at this host (IPv4), it is
   * deprecated from the start (IPv6). */
  readonly neverSource?: boolean;
  /**
   * False makes no route to the address's prefix. For addresses of `lo` the kernel makes of that route one that rejects,
   * and the first connections to a new IPv6 address may meet it before the local one.
   */
  readonly hasPrefixRoute?: boolean;
}

/**
 * Gives an interface an address, usable at once: IPv6 duplicate address detection is skipped (IFA_F_NODAD), since
 * addresses here come from an allocator and a pod must not wait a second for its own.
 */
export function addAddress(address: LinkAddress, options: AddressOptions = {}): NetlinkRequest {
  const noDad = address.address.family === 6 ? IFA_F_NODAD : 0;
  const flags = options.hasPrefixRoute === false ? noDad | IFA_F_NOPREFIXROUTE : noDad;
  return {
    type: RTM_NEWADDR,
    flags: NLM_F_CREATE | (options.replace === true ? NLM_F_REPLACE : NLM_F_EXCL),
    body: encodeAddress(address, flags, options.neverSource),
    what: `add address ${describe(address)}`,
  };
}

/** Takes an address from an interface. */
export function deleteAddress(address: LinkAddress): NetlinkRequest {
  return {
    type: RTM_DELADDR,
    flags: 0,
    body: encodeAddress(address, 0),
    what: `delete address ${describe(address)}`,
  };
}

function describe({ address, prefixLength, link }: LinkAddress): string {
  return `${formatAddress(address)}/${prefixLength} of link ${link}`;
}

function encodeAddress(
  { link, address, prefixLength }: LinkAddress,
  flags: number,
  neverSource = false,
): Buffer {
  const writer = new AttributeWriter(96);
  const { family } = address;
  const scope = neverSource && family === 4 ? SCOPE_HOST : 0;
  writer.raw(addressHeader({ family, prefixLength, flags: flags & 0xff, link, scope }));
  writer.bytes(IFA_LOCAL, addressToBytes(address));
  writer.bytes(IFA_ADDRESS, addressToBytes(address));
  if (flags > 0xff) writer.u32(IFA_FLAGS, flags);
  if (neverSource && family === 6) writer.bytes(IFA_CACHEINFO, deprecated());
  return writer.finish();
}

/** `struct ifa_cacheinfo`: preferred for no time, valid for ever; two stamps that only the kernel writes. */
function deprecated(): Buffer {
  const info = Buffer.alloc(16);
  info.writeUInt32LE(FOR_EVER, 4);
  return info;
}

/** `struct ifaddrmsg`: family, prefix length, flags, scope, interface. */
function addressHeader(fields: {
  readonly family?: Family;
  readonly prefixLength?: number;
  readonly flags?: number;
  readonly link?: number;
  readonly scope?: number;
}): Buffer {
  const header = Buffer.alloc(IFADDRMSG_LENGTH);
  header.writeUInt8(familyNumber(fields.family), 0);
  header.writeUInt8(fields.prefixLength ?? 0, 1);
  header.writeUInt8(fields.flags ?? 0, 2);
  header.writeUInt8(fields.scope ?? 0, 3);
  header.writeUInt32LE(fields.link ?? 0, 4);
  return header;
}

/** Reads the body of an RTM_NEWADDR or RTM_DELADDR message; `undefined` for a family that is not IP. */
export function readAddress({ body }: Pick<NetlinkMessage, 'body'>): LinkAddress | undefined {
  withHeader(body, IFADDRMSG_LENGTH, 'an address');
  const attributes = attributeMap(body.subarray(IFADDRMSG_LENGTH));
  // On a point-to-point link IFA_ADDRESS is the other end and IFA_LOCAL ours; IPv6 has the first only.
  const bytes = attributes.get(IFA_LOCAL) ?? attributes.get(IFA_ADDRESS);
  if (familyOf(body[0]) === undefined || bytes === undefined) return undefined;
  return {
    link: body.readUInt32LE(4),
    address: addressFromBytes(bytes),
    prefixLength: body.readUInt8(1),
  };
}

/** The addresses of one interface, or of all. */
export function listAddresses(
  connection: Connection,
  filter: { readonly family?: Family; readonly link?: number } = {},
): LinkAddress[] {
  const body = addressHeader(filter);
  const messages = connection.dump({ type: RTM_GETADDR, flags: 0, body, what: 'list addresses' });
  return messages
    .map(readAddress)
    .filter((address) => address !== undefined)
    .filter(({ link }) => filter.link === undefined || link === filter.link);
}
