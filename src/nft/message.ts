import { AttributeWriter, type NetlinkRequest } from '../netlink/index.ts';

/** Message types of the nf_tables subsystem (include/uapi/linux/netfilter/nf_tables.h). */
export const NFT_MSG = {
  NEWTABLE: 0,
  GETTABLE: 1,
  DELTABLE: 2,
  NEWCHAIN: 3,
  GETCHAIN: 4,
  DELCHAIN: 5,
  NEWRULE: 6,
  GETRULE: 7,
  DELRULE: 8,
  NEWSET: 9,
  GETSET: 10,
  DELSET: 11,
  NEWSETELEM: 12,
  GETSETELEM: 13,
  DELSETELEM: 14,
  GETGEN: 16,
  NEWOBJ: 18,
  GETOBJ: 19,
  DELOBJ: 20,
} as const;

/** `NFNL_MSG_BATCH_BEGIN` and `_END`: messages between them are one transaction. */
const BATCH_BEGIN = 0x10;
const BATCH_END = 0x11;
/** `NFNL_SUBSYS_NFTABLES`. */
const SUBSYSTEM = 10;
/** `NFNL_BATCH_GENID`. */
const BATCH_GENID = 1;
/** `struct nfgenmsg`: family, version, resource id. */
const NFGEN_LENGTH = 4;

function body(family: number, resource: number, fill?: (into: AttributeWriter) => void): Buffer {
  const header = Buffer.alloc(NFGEN_LENGTH);
  header.writeUInt8(family, 0);
  header.writeUInt16BE(resource, 2);
  const writer = new AttributeWriter().raw(header);
  fill?.(writer);
  return writer.finish();
}

/** What a request says before its attributes. */
export interface RequestHead {
  /** One of {@link NFT_MSG}. */
  readonly message: number;
  /** `NFPROTO_` number, 0 for all families. */
  readonly family: number;
  readonly flags?: number;
  readonly what: string;
}

/** Builds one nf_tables request; `fill` appends its attributes. */
export function nftRequest(
  { message, family, flags = 0, what }: RequestHead,
  fill?: (into: AttributeWriter) => void,
): NetlinkRequest {
  return { type: (SUBSYSTEM << 8) | message, flags, body: body(family, 0, fill), what };
}

/** Opens a transaction; with `generation`, only if the ruleset is still that generation. */
export function batchBegin(generation?: number): NetlinkRequest {
  const fill = (into: AttributeWriter): void => {
    if (generation !== undefined) into.u32be(BATCH_GENID, generation);
  };
  return { type: BATCH_BEGIN, flags: 0, body: body(0, SUBSYSTEM, fill), what: 'begin a batch' };
}

export function batchEnd(): NetlinkRequest {
  return { type: BATCH_END, flags: 0, body: body(0, SUBSYSTEM), what: 'end a batch' };
}
