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
import { familyNumber, familyOf } from './rtnetlink.ts';

export const RTM_NEWADDR = 20;
export const RTM_DELADDR = 21;
const RTM_GETADDR = 22;

/** IFA_ attributes and flags (include/uapi/linux/if_addr.h). */
const IFA_ADDRESS = 1;
const IFA_LOCAL = 2;
const IFA_F_NODAD = 0x02;
const IFADDRMSG_LENGTH = 8;

/** An address of an interface. */
export interface LinkAddress {
  /** Interface number. */
  readonly link: number;
  readonly address: Address;
  readonly prefixLength: number;
}

/**
 * Gives an interface an address, usable at once: IPv6 duplicate address detection is skipped (IFA_F_NODAD), since
 * addresses here come from an allocator and a pod must not wait a second for its own.
 */
export function addAddress(
  address: LinkAddress,
  options: { readonly replace?: boolean } = {},
): NetlinkRequest {
  return {
    type: RTM_NEWADDR,
    flags: NLM_F_CREATE | (options.replace === true ? NLM_F_REPLACE : NLM_F_EXCL),
    body: encodeAddress(address, address.address.family === 6 ? IFA_F_NODAD : 0),
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

function encodeAddress({ link, address, prefixLength }: LinkAddress, flags: number): Buffer {
  const writer = new AttributeWriter(64);
  writer.raw(addressHeader({ family: address.family, prefixLength, flags, link }));
  writer.bytes(IFA_LOCAL, addressToBytes(address));
  writer.bytes(IFA_ADDRESS, addressToBytes(address));
  return writer.finish();
}

/** `struct ifaddrmsg`: family, prefix length, flags, scope, interface. */
function addressHeader(fields: {
  readonly family?: Family;
  readonly prefixLength?: number;
  readonly flags?: number;
  readonly link?: number;
}): Buffer {
  const header = Buffer.alloc(IFADDRMSG_LENGTH);
  header.writeUInt8(familyNumber(fields.family), 0);
  header.writeUInt8(fields.prefixLength ?? 0, 1);
  header.writeUInt8(fields.flags ?? 0, 2);
  header.writeUInt32LE(fields.link ?? 0, 4);
  return header;
}

/** Reads the body of an RTM_NEWADDR or RTM_DELADDR message; `undefined` for a family that is not IP. */
export function readAddress({ body }: Pick<NetlinkMessage, 'body'>): LinkAddress | undefined {
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
