import { AttributeWriter } from './attributes.ts';
import { CTA, CTA_PROTO, CTA_TUPLE_PROTO } from './conntrack-entry.ts';
import type { ConntrackFilter } from './conntrack-filter.ts';
import type { NetlinkRequest } from './message.ts';
import { netfilterHeader, netfilterType, NFNL_SUBSYS_CTNETLINK } from './netfilter.ts';
import { familyNumber } from './rtnetlink.ts';

const IPCTNL_MSG_CT_GET = 1;
const CTA_FILTER = 25;
const CTA_FILTER_ORIG_FLAGS = 1;
/** Which parts of the tuple count (`CTA_FILTER_F_CTA_PROTO_`, net/netfilter/nf_internals.h). */
const FILTER_BY = { PROTO_NUM: 1 << 3, PROTO_DST_PORT: 1 << 5 } as const;

/**
 * Asks for tracked connections. Where the filter names family and protocol, the kernel leaves the others out (since
 * Linux 5.8), and with a port those to other ports: a dump costs little more than what it gives. The rest of the
 * filter is the caller's to apply.
 */
export function conntrackDump(filter: ConntrackFilter): NetlinkRequest {
  const { family, protocol, originalDestinationPort: port } = filter;
  const writer = new AttributeWriter(64);
  writer.raw(netfilterHeader(familyNumber(family)));
  if (family !== undefined && protocol !== undefined) {
    writer.nested(CTA.TUPLE_ORIG, (tuple) =>
      tuple.nested(CTA_TUPLE_PROTO, (parts) => {
        parts.u8(CTA_PROTO.NUM, protocol);
        if (port !== undefined) parts.u16be(CTA_PROTO.DST_PORT, port);
      }),
    );
    const byPort = port === undefined ? 0 : FILTER_BY.PROTO_DST_PORT;
    writer.nested(CTA_FILTER, (inner) =>
      inner.u32(CTA_FILTER_ORIG_FLAGS, FILTER_BY.PROTO_NUM | byPort),
    );
  }
  return {
    type: netfilterType(NFNL_SUBSYS_CTNETLINK, IPCTNL_MSG_CT_GET),
    flags: 0,
    body: writer.finish(),
    what: 'list tracked connections',
  };
}
