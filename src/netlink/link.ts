import { AttributeWriter } from './attributes.ts';
import { macToBytes } from './mac.ts';
import { NLM_F_CREATE, NLM_F_EXCL, type NetlinkRequest } from './message.ts';
import { AF_UNSPEC } from './rtnetlink.ts';

export const RTM_NEWLINK = 16;
export const RTM_DELLINK = 17;
export const RTM_GETLINK = 18;

/** `enum` of IFLA_ attributes (include/uapi/linux/if_link.h). */
export const IFLA = {
  ADDRESS: 1,
  IFNAME: 3,
  MTU: 4,
  LINK: 5,
  MASTER: 10,
  LINKINFO: 18,
  NET_NS_FD: 28,
  EXT_MASK: 29,
} as const;

export const IFLA_INFO_KIND = 1;
export const IFLA_INFO_DATA = 2;

export const IFF_UP = 0x1;
export const IFF_LOOPBACK = 0x8;
export const IFF_RUNNING = 0x40;

/** An interface by number, or by name. */
export type LinkRef = number | string;

/** What an interface can be given when it is made and later. */
export interface LinkSettings {
  /** At most 15 bytes. */
  readonly name?: string;
  /** Bytes of the largest packet. */
  readonly mtu?: number;
  /** Hardware address, `0a:58:0a:f4:00:02`. */
  readonly mac?: string;
  /** Interface number of the bridge to join; 0 leaves it. */
  readonly master?: number;
  readonly up?: boolean;
  /** Open descriptor of the network namespace to put it in. */
  readonly namespaceFd?: number;
}

/** The settings of a new interface; `index` asks for a number instead of the next free one. */
export interface NewLink extends LinkSettings {
  readonly name: string;
  readonly index?: number;
}

/** Writes `struct ifinfomsg` and the attributes of the settings. */
export function writeLink(writer: AttributeWriter, index: number, settings: LinkSettings): void {
  writer.raw(linkHeader(index, settings.up));
  if (settings.namespaceFd !== undefined) writer.u32(IFLA.NET_NS_FD, settings.namespaceFd);
  if (settings.master !== undefined) writer.u32(IFLA.MASTER, settings.master);
  if (settings.mtu !== undefined) writer.u32(IFLA.MTU, settings.mtu);
  if (settings.mac !== undefined) writer.bytes(IFLA.ADDRESS, macToBytes(settings.mac));
  if (settings.name !== undefined) writer.string(IFLA.IFNAME, settings.name);
}

/** `struct ifinfomsg`: family, hardware type, index, flags, and which of the flags to change. */
function linkHeader(index: number, up: boolean | undefined): Buffer {
  const header = Buffer.alloc(16);
  header.writeUInt8(AF_UNSPEC, 0);
  header.writeInt32LE(index, 4);
  header.writeUInt32LE(up === true ? IFF_UP : 0, 8);
  header.writeUInt32LE(up === undefined ? 0 : IFF_UP, 12);
  return header;
}

/** Makes an interface of a kind; `data` writes what only this kind has. */
export function createLink(
  kind: string,
  link: NewLink,
  data?: (writer: AttributeWriter) => void,
): NetlinkRequest {
  const writer = new AttributeWriter();
  writeLink(writer, link.index ?? 0, link);
  writer.nested(IFLA.LINKINFO, (info) => {
    info.text(IFLA_INFO_KIND, kind);
    if (data) info.nested(IFLA_INFO_DATA, data);
  });
  return {
    type: RTM_NEWLINK,
    flags: NLM_F_CREATE | NLM_F_EXCL,
    body: writer.finish(),
    what: `add ${kind} link ${link.name}`,
  };
}

/**
 * Changes an interface: up or down, MTU, hardware address, bridge, name, namespace. Renaming needs the interface's
 * number, because a name in the request would be taken for the interface to change.
 */
export function changeLink(ref: number, settings: LinkSettings): NetlinkRequest;
export function changeLink(ref: string, settings: Omit<LinkSettings, 'name'>): NetlinkRequest;
export function changeLink(ref: LinkRef, settings: LinkSettings): NetlinkRequest {
  const writer = new AttributeWriter();
  if (typeof ref === 'number') writeLink(writer, ref, settings);
  else writeLink(writer, 0, { ...settings, name: ref });
  return {
    type: RTM_NEWLINK,
    flags: 0,
    body: writer.finish(),
    what: `change link ${ref} (${Object.keys(settings).join(', ')})`,
  };
}

/** Deletes an interface, and its peer when it is one end of a veth pair. */
export function deleteLink(ref: LinkRef): NetlinkRequest {
  const writer = new AttributeWriter(64);
  const [index, settings] = typeof ref === 'number' ? [ref, {}] : [0, { name: ref }];
  writeLink(writer, index, settings);
  return { type: RTM_DELLINK, flags: 0, body: writer.finish(), what: `delete link ${ref}` };
}
