import { attributeMap, type NetlinkMessage } from '../netlink/index.ts';
import { readString, readU32 } from './reading.ts';

/** `NFNL_SUBSYS_NFTABLES`, in the upper byte of a message's type. */
const SUBSYSTEM = 10;
/** `NFT_MSG_NEWGEN`: the last message about a transaction. */
const NFT_MSG_NEWGEN = 15;
const NFGEN_LENGTH = 4;
/** `NFTA_TABLE_NAME`, `NFTA_CHAIN_TABLE` and so on: 1 in every message about something of a table. */
const NFTA_ANY_TABLE = 1;
const NFTA_GEN_PROC_PID = 2;
const NFTA_GEN_PROC_NAME = 3;

/** Who made a transaction. */
export interface Author {
  /** As the machine's first process namespace numbers it. */
  readonly pid: number;
  /** Name of the thread, at most 15 characters, whatever the program chose. */
  readonly name: string;
}

/** One notification: something of a table has changed, or that was all of a transaction. */
export type Notice =
  | { readonly kind: 'change'; readonly table: string }
  | { readonly kind: 'end'; readonly author: Author };

/** Reads a message of the group `NETFILTER_GROUPS.nftables`; undefined for one of another subsystem. */
export function readNotice({
  type,
  body,
}: Pick<NetlinkMessage, 'type' | 'body'>): Notice | undefined {
  if (type >> 8 !== SUBSYSTEM) return undefined;
  const attributes = attributeMap(body.subarray(NFGEN_LENGTH));
  if ((type & 0xff) !== NFT_MSG_NEWGEN) {
    return { kind: 'change', table: readString(attributes, NFTA_ANY_TABLE) };
  }
  const pid = readU32(attributes, NFTA_GEN_PROC_PID);
  return { kind: 'end', author: { pid, name: readString(attributes, NFTA_GEN_PROC_NAME) } };
}
