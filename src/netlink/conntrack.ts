import { isSameAddress, type Address, type Family } from '../ip/index.ts';
import { AttributeWriter, NLA_F_NESTED } from './attributes.ts';
import type { Connection } from './connection.ts';
import { CTA, readConntrack, type ConntrackEntry } from './conntrack-entry.ts';
import type { NetlinkRequest } from './message.ts';
import { netfilterHeader, netfilterType, NFNL_SUBSYS_CTNETLINK } from './netfilter.ts';
import { isRefusal } from './netlink-error.ts';
import { familyNumber } from './rtnetlink.ts';

/** `enum cntl_msg_types` (include/uapi/linux/netfilter/nfnetlink_conntrack.h). */
const IPCTNL_MSG_CT_GET = 1;
const IPCTNL_MSG_CT_DELETE = 2;

/** Which connections are meant: all that is given must hold. Nothing given means every connection. */
export interface ConntrackFilter {
  readonly family?: Family;
  /** IP protocol number. */
  readonly protocol?: number;
  readonly originalSource?: Address;
  /** Where the client sent it: a Service's address. */
  readonly originalDestination?: Address;
  readonly originalDestinationPort?: number;
  /** Who answers: the endpoint behind a Service. */
  readonly replySource?: Address;
  readonly replySourcePort?: number;
  readonly zone?: number;
}

/** The tracked connections of the connection's namespace; needs a netfilter socket. */
export function listConntrack(
  connection: Connection,
  filter: ConntrackFilter = {},
): ConntrackEntry[] {
  const messages = connection.dump({
    type: netfilterType(NFNL_SUBSYS_CTNETLINK, IPCTNL_MSG_CT_GET),
    flags: 0,
    body: netfilterHeader(familyNumber(filter.family)),
    what: 'list tracked connections',
  });
  return messages
    .map(readConntrack)
    .filter((entry) => entry !== undefined)
    .filter((entry) => matchesConntrack(entry, filter));
}

/**
 * Forgets tracked connections, so that their next packet is judged anew: how UDP flows leave an endpoint that is
 * gone. Returns how many; those that ended meanwhile are not counted.
 */
export function deleteConntrack(connection: Connection, filter: ConntrackFilter): number {
  let deleted = 0;
  for (const entry of listConntrack(connection, filter)) {
    if (deleteOne(connection, entry)) deleted += 1;
  }
  return deleted;
}

function deleteOne(connection: Connection, entry: ConntrackEntry): boolean {
  try {
    connection.request(deleteEntry(entry));
    return true;
  } catch (error) {
    if (isRefusal(error, 'ENOENT')) return false;
    throw error;
  }
}

function deleteEntry({ key, zone }: ConntrackEntry): NetlinkRequest {
  const writer = new AttributeWriter(128);
  writer.raw(netfilterHeader(key.family));
  writer.bytes(CTA.TUPLE_ORIG | NLA_F_NESTED, key.originalTuple);
  if (zone !== 0) writer.u16be(CTA.ZONE, zone);
  if (key.id) writer.bytes(CTA.ID, key.id);
  return {
    type: netfilterType(NFNL_SUBSYS_CTNETLINK, IPCTNL_MSG_CT_DELETE),
    flags: 0,
    body: writer.finish(),
    what: 'delete a tracked connection',
  };
}

/** True when a connection has all that the filter gives. */
export function matchesConntrack(entry: ConntrackEntry, filter: ConntrackFilter): boolean {
  const { original, reply, zone } = entry;
  return (
    isWanted(filter.family, original.source.family) &&
    isWanted(filter.protocol, original.protocol) &&
    isWanted(filter.zone, zone) &&
    isWantedAddress(filter.originalSource, original.source) &&
    isWantedAddress(filter.originalDestination, original.destination) &&
    isWanted(filter.originalDestinationPort, original.destinationPort) &&
    isWantedAddress(filter.replySource, reply.source) &&
    isWanted(filter.replySourcePort, reply.sourcePort)
  );
}

function isWanted(wanted: number | undefined, found: number | undefined): boolean {
  return wanted === undefined || wanted === found;
}

function isWantedAddress(wanted: Address | undefined, found: Address): boolean {
  return wanted === undefined || isSameAddress(wanted, found);
}
