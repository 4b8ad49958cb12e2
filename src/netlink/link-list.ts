import { attributeMap, AttributeWriter } from './attributes.ts';
import type { Connection } from './connection.ts';
import {
  IFF_LOOPBACK,
  IFF_RUNNING,
  IFF_UP,
  IFLA,
  IFLA_INFO_KIND,
  RTM_GETLINK,
  writeLink,
  type LinkRef,
  type LinkSettings,
} from './link.ts';
import { macFromBytes } from './mac.ts';
import type { NetlinkMessage, NetlinkRequest } from './message.ts';
import { isRefusal } from './netlink-error.ts';
import { readText, readU32, withHeader } from './reading.ts';

const IFINFOMSG_LENGTH = 16;
/** Leaves the statistics out of the answer (`RTEXT_FILTER_SKIP_STATS`, include/uapi/linux/rtnetlink.h). */
const SKIP_STATS = 8;

/** An interface as the kernel reports it. */
export interface Link {
  readonly index: number;
  readonly name: string;
  /** `veth`, `bridge`, `vxlan`, ...; empty for loopback and hardware. */
  readonly kind: string;
  readonly up: boolean;
  /** Up and with a carrier: the other end is up too. */
  readonly running: boolean;
  readonly loopback: boolean;
  readonly mtu: number;
  readonly mac: string;
  /** The bridge it belongs to. */
  readonly master?: number;
  /** Number of a veth's other end, or of a tunnel's lower interface, in the namespace that holds it. */
  readonly peer?: number;
}

/** Reads the body of an RTM_NEWLINK or RTM_DELLINK message. @throws Fault `NETLINK_MALFORMED` */
export function readLink({ body }: Pick<NetlinkMessage, 'body'>): Link {
  withHeader(body, IFINFOMSG_LENGTH, 'a link');
  const attributes = attributeMap(body.subarray(IFINFOMSG_LENGTH));
  const flags = body.readUInt32LE(8);
  const info = attributeMap(attributes.get(IFLA.LINKINFO) ?? Buffer.alloc(0));
  const master = readU32(attributes, IFLA.MASTER);
  const peer = readU32(attributes, IFLA.LINK);
  return {
    index: body.readInt32LE(4),
    name: readText(attributes, IFLA.IFNAME),
    kind: readText(info, IFLA_INFO_KIND),
    up: (flags & IFF_UP) !== 0,
    running: (flags & IFF_RUNNING) !== 0,
    loopback: (flags & IFF_LOOPBACK) !== 0,
    mtu: readU32(attributes, IFLA.MTU) ?? 0,
    mac: macFromBytes(attributes.get(IFLA.ADDRESS) ?? Buffer.alloc(0)),
    ...(master !== undefined && { master }),
    ...(peer !== undefined && { peer }),
  };
}

/** All interfaces of the connection's namespace. */
export function listLinks(connection: Connection): Link[] {
  return connection.dump(getRequest(0, {}, 'list links')).map(readLink);
}

/** One interface, `undefined` when there is none of that name or number. */
export function findLink(connection: Connection, ref: LinkRef): Link | undefined {
  const [index, settings] = typeof ref === 'number' ? [ref, {}] : [0, { name: ref }];
  try {
    const [message] = connection.request(getRequest(index, settings, `get link ${ref}`));
    return message && readLink(message);
  } catch (error) {
    if (isRefusal(error, 'ENODEV')) return undefined;
    throw error;
  }
}

function getRequest(index: number, settings: LinkSettings, what: string): NetlinkRequest {
  const writer = new AttributeWriter(64);
  writeLink(writer, index, settings);
  writer.u32(IFLA.EXT_MASK, SKIP_STATS);
  return { type: RTM_GETLINK, flags: 0, body: writer.finish(), what };
}
