import { addressToBytes, formatAddress, type Address } from '../ip/index.ts';
import { AttributeWriter } from './attributes.ts';
import { macToBytes } from './mac.ts';
import { NLM_F_APPEND, NLM_F_CREATE, NLM_F_REPLACE, type NetlinkRequest } from './message.ts';
import {
  NDA_DST,
  NDA_LLADDR,
  neighbourHeader,
  NUD_PERMANENT,
  RTM_DELNEIGH,
  RTM_NEWNEIGH,
} from './neighbour.ts';
import { AF_BRIDGE } from './rtnetlink.ts';

/** The entry is the tunnel's own, not its bridge's; it never ages (include/uapi/linux/neighbour.h). */
const NTF_SELF = 0x02;
const NUD_NOARP = 0x40;

/** Sent to every tunnel end that has an entry for it: broadcasts and unknown addresses. */
export const EVERY_MAC = '00:00:00:00:00:00';

/** Which tunnel end a hardware address is behind: an entry of a VXLAN interface's forwarding table. */
export interface ForwardingEntry {
  /** Number of the VXLAN interface. */
  readonly link: number;
  readonly mac: string;
  /** The tunnel end's outer address. */
  readonly remote: Address;
}

/** Writes an entry over the one of this hardware address. */
export function setForwarding(entry: ForwardingEntry): NetlinkRequest {
  return newEntry(entry, NLM_F_CREATE | NLM_F_REPLACE, 'set');
}

/** Adds one more tunnel end for a hardware address, for {@link EVERY_MAC}. */
export function appendForwarding(entry: ForwardingEntry): NetlinkRequest {
  return newEntry(entry, NLM_F_CREATE | NLM_F_APPEND, 'append');
}

export function deleteForwarding(entry: ForwardingEntry): NetlinkRequest {
  return { ...newEntry(entry, 0, 'delete'), type: RTM_DELNEIGH };
}

function newEntry(
  { link, mac, remote }: ForwardingEntry,
  flags: number,
  verb: string,
): NetlinkRequest {
  const writer = new AttributeWriter(64);
  const state = NUD_PERMANENT | NUD_NOARP;
  writer.raw(neighbourHeader({ family: AF_BRIDGE, link, state, flags: NTF_SELF }));
  writer.bytes(NDA_LLADDR, macToBytes(mac));
  writer.bytes(NDA_DST, addressToBytes(remote));
  return {
    type: RTM_NEWNEIGH,
    flags,
    body: writer.finish(),
    what: `${verb} forwarding of ${mac} to ${formatAddress(remote)} on link ${link}`,
  };
}
