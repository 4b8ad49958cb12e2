import { addressFromBytes, cidrOf, type Address, type Cidr, type Family } from '../ip/index.ts';
import { attributeMap } from './attributes.ts';
import type { Connection } from './connection.ts';
import type { NetlinkMessage } from './message.ts';
import { readU32, withHeader, type Attributes } from './reading.ts';
import {
  ROUTE_TYPES,
  RTA,
  RTAX_MTU,
  RTM_GETROUTE,
  RTNH_F_ONLINK,
  type Route,
  type RouteType,
} from './route.ts';
import { familyNumber, familyOf, RT_TABLE_MAIN } from './rtnetlink.ts';

const RTMSG_LENGTH = 12;
/** Set on entries of the route cache, which are not routes of a table. */
const RTM_F_CLONED = 0x200;

const TYPE_NAMES = new Map(
  Object.entries(ROUTE_TYPES).map(([name, number]) => [number as number, name as RouteType]),
);

/** A route as the kernel reports it. */
export interface RouteEntry extends Route {
  readonly type: RouteType;
  readonly table: number;
  /** Who made it: 2 the kernel itself, 4 static (Portolan's). */
  readonly protocol: number;
}

/** Reads the body of an RTM_NEWROUTE or RTM_DELROUTE message; `undefined` for cached and multicast entries. */
export function readRoute({ body }: Pick<NetlinkMessage, 'body'>): RouteEntry | undefined {
  withHeader(body, RTMSG_LENGTH, 'a route');
  const family = familyOf(body[0]);
  const type = TYPE_NAMES.get(body.readUInt8(7));
  const flags = body.readUInt32LE(8);
  if (family === undefined || type === undefined || (flags & RTM_F_CLONED) !== 0) return undefined;
  const attributes = attributeMap(body.subarray(RTMSG_LENGTH));
  const number = (attribute: number) => readU32(attributes, attribute);
  const metrics = attributeMap(attributes.get(RTA.METRICS) ?? Buffer.alloc(0));
  const optional = {
    link: number(RTA.OIF),
    via: nextHop(attributes),
    source: addressOf(attributes.get(RTA.PREFSRC)),
    metric: number(RTA.PRIORITY),
    mtu: readU32(metrics, RTAX_MTU),
    onlink: (flags & RTNH_F_ONLINK) === 0 ? undefined : true,
  };
  return {
    destination: destinationOf(family, body.readUInt8(1), attributes.get(RTA.DST)),
    type,
    table: number(RTA.TABLE) ?? body.readUInt8(4),
    protocol: body.readUInt8(5),
    ...withoutUndefined(optional),
  };
}

function destinationOf(family: Family, prefixLength: number, bytes: Buffer | undefined): Cidr {
  return cidrOf(
    bytes === undefined ? { family, value: 0n } : addressFromBytes(bytes),
    prefixLength,
  );
}

function nextHop(attributes: Attributes): Address | undefined {
  // RTA_VIA has the family's number before the address.
  return addressOf(attributes.get(RTA.GATEWAY) ?? attributes.get(RTA.VIA)?.subarray(2));
}

function addressOf(bytes: Buffer | undefined): Address | undefined {
  return bytes && addressFromBytes(bytes);
}

function withoutUndefined<T extends object>(
  fields: T,
): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]?: Exclude<T[K], undefined> };
}

/** The routes of one table (by default the main one), of one family or both. */
export function listRoutes(
  connection: Connection,
  filter: { readonly family?: Family; readonly table?: number } = {},
): RouteEntry[] {
  const { family, table = RT_TABLE_MAIN } = filter;
  const body = Buffer.alloc(RTMSG_LENGTH);
  body.writeUInt8(familyNumber(family), 0);
  const messages = connection.dump({ type: RTM_GETROUTE, flags: 0, body, what: 'list routes' });
  return messages
    .map(readRoute)
    .filter((route) => route !== undefined)
    .filter((route) => route.table === table);
}
