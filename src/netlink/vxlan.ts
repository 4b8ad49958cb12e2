import { addressToBytes, type Address } from '../ip/index.ts';
import type { AttributeWriter } from './attributes.ts';
import { createLink, type NewLink } from './link.ts';
import type { NetlinkRequest } from './message.ts';

/** `enum` of IFLA_VXLAN_ attributes (include/uapi/linux/if_link.h). */
const ID = 1;
const LINK = 3;
const LOCAL = 4;
const LEARNING = 7;
const PORT = 15;
const LOCAL6 = 17;

/** A VXLAN tunnel end (RFC 7348). */
export interface NewVxlan extends NewLink {
  /** Network identifier, 24 bits. */
  readonly id: number;
  /** UDP port; 8472 is Linux' own default, 4789 the IANA's. */
  readonly port: number;
  /** The outer source address. */
  readonly local?: Address;
  /** Number of the interface that carries the tunnel. */
  readonly lower?: number;
  /** Learn where hardware addresses live from packets; false when entries are written. */
  readonly learning: boolean;
}

export function createVxlan(link: NewVxlan): NetlinkRequest {
  return createLink('vxlan', link, (data) => writeVxlan(data, link));
}

function writeVxlan(data: AttributeWriter, link: NewVxlan): void {
  if (link.lower !== undefined) data.u32(LINK, link.lower);
  data.u32(ID, link.id);
  if (link.local) data.bytes(link.local.family === 4 ? LOCAL : LOCAL6, addressToBytes(link.local));
  data.u8(LEARNING, link.learning ? 1 : 0);
  data.u16be(PORT, link.port);
}
