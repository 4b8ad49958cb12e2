export {
  addAddress,
  deleteAddress,
  listAddresses,
  readAddress,
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
export { findLink, listLinks, readLink, type Link } from './link-list.ts';
export {
  changeLink,
  createLink,
  deleteLink,
  type LinkRef,
  type LinkSettings,
  type NewLink,
} from './link.ts';
export { macFromBytes, macToBytes } from './mac.ts';
export * from './message.ts';
export {
  deleteNeighbour,
  listNeighbours,
  readNeighbour,
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
export { listRoutes, readRoute, type RouteEntry } from './route-list.ts';
export {
  addRoute,
  appendRoute,
  deleteRoute,
  describeRoute,
  everywhere,
  replaceRoute,
  type Route,
  type RouteType,
} from './route.ts';
export type { NetlinkSocket } from './socket.ts';
export { createVeth } from './veth.ts';
export { createVxlan, type NewVxlan } from './vxlan.ts';
