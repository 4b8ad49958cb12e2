import {
  addressToBytes,
  cidrOf,
  firstAddress,
  formatAddress,
  formatCidr,
  type Address,
  type Cidr,
  type Family,
} from '../ip/index.ts';
import { AttributeWriter } from './attributes.ts';
import {
  NLM_F_APPEND,
  NLM_F_CREATE,
  NLM_F_EXCL,
  NLM_F_REPLACE,
  type NetlinkRequest,
} from './message.ts';
import { familyNumber, RT_TABLE_MAIN } from './rtnetlink.ts';

export const RTM_NEWROUTE = 24;
export const RTM_DELROUTE = 25;
export const RTM_GETROUTE = 26;

/** RTA_ attributes, scopes and flags (include/uapi/linux/rtnetlink.h). */
export const RTA = {
  DST: 1,
  OIF: 4,
  GATEWAY: 5,
  PRIORITY: 6,
  PREFSRC: 7,
  METRICS: 8,
  TABLE: 15,
  VIA: 18,
} as const;
export const RTAX_MTU = 2;
export const RTNH_F_ONLINK = 4;
const RT_SCOPE_UNIVERSE = 0;
const RT_SCOPE_LINK = 253;
const RT_SCOPE_HOST = 254;
const RT_SCOPE_NOWHERE = 255;
/** `RTPROT_STATIC`: installed by an administrator, left alone by routing daemons. */
const RTPROT_STATIC = 4;

/** What happens to a packet that takes the route (`enum` of RTN_ types). */
export const ROUTE_TYPES = {
  unicast: 1,
  local: 2,
  broadcast: 3,
  anycast: 4,
  multicast: 5,
  blackhole: 6,
  unreachable: 7,
  prohibit: 8,
} as const;
export type RouteType = keyof typeof ROUTE_TYPES;

/** A route with one next hop. */
export interface Route {
  readonly destination: Cidr;
  /** Interface number; none for blackhole, unreachable and prohibit. */
  readonly link?: number;
  /** The next hop; may be of the other family (RFC 5549). None: the destination is on the link itself. */
  readonly via?: Address;
  /** Trust that `via` is on the link, whatever the other routes say. */
  readonly onlink?: boolean;
  /** Source address of packets that this machine itself sends. */
  readonly source?: Address;
  /** Default: unicast. */
  readonly type?: RouteType;
  /** Default: the main table, 254. */
  readonly table?: number;
  /** Lower wins. */
  readonly metric?: number;
  readonly mtu?: number;
}

/** Adds a route; EEXIST when the destination has one with this metric. */
export function addRoute(route: Route): NetlinkRequest {
  return newRoute(route, NLM_F_CREATE | NLM_F_EXCL, 'add');
}

/** Adds a route or puts it in the place of the one with this destination and metric. */
export function replaceRoute(route: Route): NetlinkRequest {
  return newRoute(route, NLM_F_CREATE | NLM_F_REPLACE, 'replace');
}

/** Adds a route behind those of the same destination. */
export function appendRoute(route: Route): NetlinkRequest {
  return newRoute(route, NLM_F_CREATE | NLM_F_APPEND, 'append');
}

function newRoute(route: Route, flags: number, verb: string): NetlinkRequest {
  const body = encodeRoute(route, { protocol: RTPROT_STATIC, scope: scopeOf(route) });
  return { type: RTM_NEWROUTE, flags, body, what: `${verb} route ${describeRoute(route)}` };
}

/** Deletes the first route that has all that is given; ESRCH when there is none. */
export function deleteRoute(route: Route): NetlinkRequest {
  // IPv4 takes RT_SCOPE_NOWHERE for any scope, IPv6 knows none.
  const scope = route.destination.family === 4 ? RT_SCOPE_NOWHERE : RT_SCOPE_UNIVERSE;
  const body = encodeRoute(route, { protocol: 0, scope });
  return { type: RTM_DELROUTE, flags: 0, body, what: `delete route ${describeRoute(route)}` };
}

/** How far the destination is (a notion of Linux' own): this host, on the link, or beyond a next hop. */
function scopeOf({ destination, type = 'unicast', via }: Route): number {
  if (destination.family === 6) return RT_SCOPE_UNIVERSE;
  if (type === 'local') return RT_SCOPE_HOST;
  return type === 'unicast' && via === undefined ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
}

function encodeRoute(
  route: Route,
  kind: { readonly protocol: number; readonly scope: number },
): Buffer {
  const { destination, link, via, source, metric, mtu, table = RT_TABLE_MAIN } = route;
  const writer = new AttributeWriter(128);
  writer.raw(routeHeader(route, kind));
  if (destination.prefixLength > 0)
    writer.bytes(RTA.DST, addressToBytes(firstAddress(destination)));
  if (via) writeNextHop(writer, destination.family, via);
  if (metric !== undefined) writer.u32(RTA.PRIORITY, metric);
  if (table > 255) writer.u32(RTA.TABLE, table);
  if (source) writer.bytes(RTA.PREFSRC, addressToBytes(source));
  if (link !== undefined) writer.u32(RTA.OIF, link);
  if (mtu !== undefined) writer.nested(RTA.METRICS, (metrics) => metrics.u32(RTAX_MTU, mtu));
  return writer.finish();
}

function writeNextHop(writer: AttributeWriter, family: Family, via: Address): void {
  const bytes = addressToBytes(via);
  if (via.family === family) {
    writer.bytes(RTA.GATEWAY, bytes);
    return;
  }
  const prefix = Buffer.alloc(2);
  prefix.writeUInt16LE(familyNumber(via.family), 0);
  writer.bytes(RTA.VIA, Buffer.concat([prefix, bytes]));
}

/** `struct rtmsg`: family, prefix lengths, TOS, table, protocol, scope, type, flags. */
function routeHeader(
  route: Route,
  kind: { readonly protocol: number; readonly scope: number },
): Buffer {
  const { destination, type, onlink, table = RT_TABLE_MAIN } = route;
  const header = Buffer.alloc(12);
  header.writeUInt8(familyNumber(destination.family), 0);
  header.writeUInt8(destination.prefixLength, 1);
  // Tables above 255 do not fit here: RT_TABLE_UNSPEC, and the attribute has the number.
  header.writeUInt8(table > 255 ? 0 : table, 4);
  header.writeUInt8(kind.protocol, 5);
  header.writeUInt8(kind.scope, 6);
  header.writeUInt8(
    type === undefined && kind.protocol === 0 ? 0 : ROUTE_TYPES[type ?? 'unicast'],
    7,
  );
  header.writeUInt32LE(onlink === true ? RTNH_F_ONLINK : 0, 8);
  return header;
}

/** `10.244.1.0/24 via 172.18.0.3 on link 4`. */
export function describeRoute(route: Route): string {
  const words = [route.type ?? '', formatCidr(route.destination)];
  if (route.via) words.push('via', formatAddress(route.via));
  if (route.link !== undefined) words.push(`on link ${route.link}`);
  if (route.table !== undefined) words.push(`in table ${route.table}`);
  return words.filter((word) => word !== '').join(' ');
}

/** The default route's destination: `0.0.0.0/0` or `::/0`. */
export function everywhere(family: Family): Cidr {
  return cidrOf({ family, value: 0n }, 0);
}
