/** Subsystems of netfilter's netlink family (include/uapi/linux/netfilter/nfnetlink.h). */
export const NFNL_SUBSYS_CTNETLINK = 1;
export const NFNL_SUBSYS_ULOG = 4;

/** Length of `struct nfgenmsg`. */
export const NFGENMSG_LENGTH = 4;

/** The message type: the subsystem in the upper byte. */
export function netfilterType(subsystem: number, message: number): number {
  return (subsystem << 8) | message;
}

/** `struct nfgenmsg`: address family, version, and a number that the subsystem gives a meaning. */
export function netfilterHeader(family: number, resource = 0): Buffer {
  const header = Buffer.alloc(NFGENMSG_LENGTH);
  header.writeUInt8(family, 0);
  header.writeUInt16BE(resource, 2);
  return header;
}
