import {
  addressFromBytes,
  addressToBytes,
  formatAddress,
  type Address,
  type Family,
} from '../ip/index.ts';
import { attributeMap, AttributeWriter } from './attributes.ts';
import type { Connection } from './connection.ts';
import { macFromBytes, macToBytes } from './mac.ts';
import {
  NLM_F_CREATE,
  NLM_F_REPLACE,
  type NetlinkMessage,
  type NetlinkRequest,
} from './message.ts';
import { withHeader } from './reading.ts';
import { familyNumber, familyOf } from './rtnetlink.ts';

export const RTM_NEWNEIGH = 28;
export const RTM_DELNEIGH = 29;
export const RTM_GETNEIGH = 30;

/** NDA_ attributes, NUD_ states and NTF_ flags (include/uapi/linux/neighbour.h). */
export const NDA_DST = 1;
export const NDA_LLADDR = 2;
export const NUD_NONE = 0;
export const NUD_PERMANENT = 0x80;
const NTF_PROXY = 0x08;
export const NDMSG_LENGTH = 12;

/** Where an address lives on a link. */
export interface Neighbour {
  /** Interface number. */
  readonly link: number;
  readonly address: Address;
  /** Hardware address; empty while it is not known. */
  readonly mac: string;
}

/** A neighbour as the kernel reports it. */
export interface NeighbourEntry extends Neighbour {
  /** True for entries that were written and never age (NUD_PERMANENT). */
  readonly permanent: boolean;
}

/** `struct ndmsg`: family, interface, state, flags, route type. */
export function neighbourHeader(fields: {
  readonly family: number;
  readonly link?: number;
  readonly state?: number;
  readonly flags?: number;
}): Buffer {
  const header = Buffer.alloc(NDMSG_LENGTH);
  header.writeUInt8(fields.family, 0);
  header.writeInt32LE(fields.link ?? 0, 4);
  header.writeUInt16LE(fields.state ?? NUD_NONE, 8);
  header.writeUInt8(fields.flags ?? 0, 10);
  return header;
}

/** Writes a permanent neighbour, over what is there: no ARP or neighbour discovery happens for it. */
export function setNeighbour({ link, address, mac }: Neighbour): NetlinkRequest {
  const writer = new AttributeWriter(64);
  const family = familyNumber(address.family);
  writer.raw(neighbourHeader({ family, link, state: NUD_PERMANENT }));
  writer.bytes(NDA_DST, addressToBytes(address));
  writer.bytes(NDA_LLADDR, macToBytes(mac));
  return {
    type: RTM_NEWNEIGH,
    flags: NLM_F_CREATE | NLM_F_REPLACE,
    body: writer.finish(),
    what: `set neighbour ${formatAddress(address)} at ${mac} on link ${link}`,
  };
}

/** Answers ARP or neighbour solicitations for an address on a link (with the sysctls proxy_arp, proxy_ndp). */
export function setProxyNeighbour({ link, address }: Omit<Neighbour, 'mac'>): NetlinkRequest {
  const family = familyNumber(address.family);
  const writer = new AttributeWriter(64);
  writer.raw(neighbourHeader({ family, link, state: NUD_PERMANENT, flags: NTF_PROXY }));
  writer.bytes(NDA_DST, addressToBytes(address));
  return {
    type: RTM_NEWNEIGH,
    flags: NLM_F_CREATE | NLM_F_REPLACE,
    body: writer.finish(),
    what: `set proxy neighbour ${formatAddress(address)} on link ${link}`,
  };
}

export function deleteNeighbour({ link, address }: Omit<Neighbour, 'mac'>): NetlinkRequest {
  const writer = new AttributeWriter(64);
  const family = familyNumber(address.family);
  writer.raw(neighbourHeader({ family, link, state: NUD_PERMANENT }));
  writer.bytes(NDA_DST, addressToBytes(address));
  return {
    type: RTM_DELNEIGH,
    flags: 0,
    body: writer.finish(),
    what: `delete neighbour ${formatAddress(address)} on link ${link}`,
  };
}

/** Reads the body of an RTM_NEWNEIGH or RTM_DELNEIGH message; `undefined` for a bridge's entries. */
export function readNeighbour({ body }: Pick<NetlinkMessage, 'body'>): NeighbourEntry | undefined {
  withHeader(body, NDMSG_LENGTH, 'a neighbour');
  const attributes = attributeMap(body.subarray(NDMSG_LENGTH));
  const address = attributes.get(NDA_DST);
  if (familyOf(body[0]) === undefined || address === undefined) return undefined;
  return {
    link: body.readInt32LE(4),
    address: addressFromBytes(address),
    mac: macFromBytes(attributes.get(NDA_LLADDR) ?? Buffer.alloc(0)),
    permanent: (body.readUInt16LE(8) & NUD_PERMANENT) !== 0,
  };
}

/** The neighbours of one interface, or of all; proxies are not among them. */
export function listNeighbours(
  connection: Connection,
  filter: { readonly family?: Family; readonly link?: number } = {},
): NeighbourEntry[] {
  const body = neighbourHeader({ family: familyNumber(filter.family) });
  const messages = connection.dump({ type: RTM_GETNEIGH, flags: 0, body, what: 'list neighbours' });
  return messages
    .map(readNeighbour)
    .filter((neighbour) => neighbour !== undefined)
    .filter(({ link }) => filter.link === undefined || link === filter.link);
}
