import { createLink, writeLink, type NewLink } from './link.ts';
import type { NetlinkRequest } from './message.ts';

/** `VETH_INFO_PEER` (include/uapi/linux/veth.h): the other end, as an `ifinfomsg` with attributes of its own. */
const VETH_INFO_PEER = 1;

/**
 * Makes a veth pair; the peer is born in its own namespace when it has a `namespaceFd`. The peer cannot be born up:
 * the kernel opens it before the two ends know each other (ENOTCONN, `veth_newlink` in drivers/net/veth.c).
 */
export function createVeth(link: NewLink & { readonly peer: Omit<NewLink, 'up'> }): NetlinkRequest {
  const { peer, ...own } = link;
  const request = createLink('veth', own, (data) => {
    data.nested(VETH_INFO_PEER, (inner) => writeLink(inner, peer.index ?? 0, peer));
  });
  return { ...request, what: `add veth pair ${own.name} - ${peer.name}` };
}
