export {
  addAddress,
  deleteAddress,
  listAddresses,
  readAddress,
  RTM_DELADDR,
  RTM_NEWADDR,
  type LinkAddress,
} from './address.ts';
export {
  attributeMap,
  AttributeWriter,
  NLA_F_NESTED,
  readAttributes,
  type Attribute,
} from './attributes.ts';
export { createBridge } from './bridge.ts';
export { Connection } from './connection.ts';
export {
  IPS_ASSURED,
  IPS_DST_NAT,
  IPS_SEEN_REPLY,
  IPS_SRC_NAT,
  readConntrack,
  type ConntrackEntry,
  type ConntrackTuple,
  type TcpState,
} from './conntrack-entry.ts';
export { conntrackDump } from './conntrack-dump.ts';
export { matchesConntrack, type ConntrackFilter } from './conntrack-filter.ts';
export { deleteConntrack, deleteConntrackEntry, listConntrack } from './conntrack.ts';
export {
  appendForwarding,
  deleteForwarding,
  EVERY_MAC,
  setForwarding,
  type ForwardingEntry,
} from './forwarding.ts';
export { NETFILTER_GROUPS, ROUTE_GROUPS } from './groups.ts';
export { findLink, listLinks, readLink, type Link } from './link-list.ts';
export {
  changeLink,
  createLink,
  deleteLink,
  RTM_DELLINK,
  RTM_NEWLINK,
  type LinkRef,
  type LinkSettings,
  type NewLink,
} from './link.ts';
export { macFromBytes, macToBytes } from './mac.ts';
export {
  encodeMessage,
  HEADER_LENGTH,
  NLM_F_ACK,
  NLM_F_ACK_TLVS,
  NLM_F_APPEND,
  NLM_F_BULK,
  NLM_F_CAPPED,
  NLM_F_CREATE,
  NLM_F_DUMP,
  NLM_F_DUMP_INTR,
  NLM_F_ECHO,
  NLM_F_EXCL,
  NLM_F_MULTI,
  NLM_F_REPLACE,
  NLM_F_REQUEST,
  NLMSG_DONE,
  NLMSG_ERROR,
  NLMSG_NOOP,
  readMessages,
  type Envelope,
  type NetlinkMessage,
  type NetlinkRequest,
} from './message.ts';
export {
  deleteNeighbour,
  listNeighbours,
  readNeighbour,
  RTM_DELNEIGH,
  RTM_NEWNEIGH,
  setNeighbour,
  setProxyNeighbour,
  type Neighbour,
  type NeighbourEntry,
} from './neighbour.ts';
export {
  errnoName,
  isRefusal,
  NetlinkError,
  readAcknowledgement,
  readDone,
  type Acknowledgement,
} from './netlink-error.ts';
export {
  bindPacketLog,
  PACKET_LOG_MESSAGE,
  readLoggedPacket,
  type LoggedPacket,
} from './packet-log.ts';
export { listRoutes, readRoute, type RouteEntry } from './route-list.ts';
export {
  addRoute,
  appendRoute,
  deleteRoute,
  describeRoute,
  everywhere,
  replaceRoute,
  RTM_DELROUTE,
  RTM_NEWROUTE,
  type Route,
  type RouteType,
} from './route.ts';
export { addRule, deleteRule, listRules, readRule, type Rule, type RuleAction } from './rule.ts';
export type { NetlinkSocket } from './socket.ts';
export { createVeth } from './veth.ts';
export { createVxlan, type NewVxlan } from './vxlan.ts';
