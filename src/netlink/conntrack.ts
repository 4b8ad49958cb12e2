import { AttributeWriter, NLA_F_NESTED } from './attributes.ts';
import type { Connection } from './connection.ts';
import { conntrackDump } from './conntrack-dump.ts';
import { matchesConntrack, type ConntrackFilter } from './conntrack-filter.ts';
import { CTA, readConntrack, type ConntrackEntry } from './conntrack-entry.ts';
import type { NetlinkRequest } from './message.ts';
import { netfilterHeader, netfilterType, NFNL_SUBSYS_CTNETLINK } from './netfilter.ts';
import { isRefusal } from './netlink-error.ts';

/** Of `enum cntl_msg_types` (include/uapi/linux/netfilter/nfnetlink_conntrack.h). */
const IPCTNL_MSG_CT_DELETE = 2;

/** The tracked connections of the connection's namespace; needs a netfilter socket. */
export function listConntrack(
  connection: Connection,
  filter: ConntrackFilter = {},
): ConntrackEntry[] {
  const messages = connection.dump(conntrackDump(filter));
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
    if (deleteConntrackEntry(connection, entry)) deleted += 1;
  }
  return deleted;
}

/** Forgets one connection that was listed. Returns false when it had ended meanwhile. */
export function deleteConntrackEntry(connection: Connection, entry: ConntrackEntry): boolean {
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
