/** Multicast groups that report changes (include/uapi/linux/rtnetlink.h, linux/netfilter/nfnetlink_compat.h). */
export const ROUTE_GROUPS = {
  link: 1,
  neighbour: 3,
  ipv4Address: 5,
  ipv4Route: 7,
  ipv6Address: 9,
  ipv6Route: 11,
} as const;

export const NETFILTER_GROUPS = {
  conntrackNew: 1,
  conntrackUpdate: 2,
  conntrackDestroy: 3,
  nftables: 7,
} as const;
