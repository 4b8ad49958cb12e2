import { requireAddress, type Address } from '../../ip/index.ts';
import type { Kernel } from '../../kernel/index.ts';
import {
  addAddress,
  changeLink,
  Connection,
  createVeth,
  deleteLink,
  findLink,
  NetlinkError,
  replaceRoute,
  setNeighbour,
} from '../../netlink/index.ts';
import { macOf } from './addresses.ts';
import { linkIndex, withNamespaceFd } from './router.ts';

/**
 * The gateway of every pod, which no interface has: a permanent neighbour entry gives it the hardware address of the
 * node's end, so nobody asks for it and the node needs no address on the pod's wire.
 */
export const gateways = { 4: requireAddress('169.254.1.1'), 6: requireAddress('fe80::1') } as const;
/** Of the node's end of every pod's wire. */
export const NODE_END_MAC = 'ee:ee:ee:ee:ee:ee';

/** A veth pair between a node and a pod. */
export interface Wire {
  /** The node's end. */
  readonly nodeLink: string;
  /** The pod's end, inside the pod's namespace. */
  readonly podLink: string;
  /** The pod's, at least one. */
  readonly addresses: readonly Address[];
  /** Bytes of the largest packet; the kernel's own choice (1500) when absent. */
  readonly mtu?: number;
}

/** Both ends of a wire, before it is there. */
export interface WireEnds {
  readonly kernel: Kernel;
  /** Into the node's namespace. */
  readonly node: Connection;
  /** Pin of the pod's namespace. */
  readonly netns: string;
}

/** The hardware address of the pod's end: made of the pod's first address. */
export function podMac({ addresses: [first] }: Pick<Wire, 'addresses'>): string {
  if (first === undefined) throw new TypeError('a pod needs an address');
  return macOf(first);
}

/** The length of a prefix that has one address. */
function whole({ family }: Address): number {
  return family === 4 ? 32 : 128;
}

/**
 * The pod's side of the wire: one /32 (/128) and a default route through the gateway.
 *
 *     pod:  eth0 10.244.0.7/32, default via 169.254.1.1    node: veth..., 10.244.0.7/32 dev veth...
 */
function setUpPodSide(connection: Connection, { podLink, addresses }: Wire): void {
  const link = linkIndex(connection, podLink);
  connection.request(changeLink(link, { up: true }));
  for (const address of addresses) {
    const via = gateways[address.family];
    connection.request(addAddress({ link, address, prefixLength: whole(address) }));
    connection.request(setNeighbour({ link, address: via, mac: NODE_END_MAC }));
    const everything = { family: address.family, base: 0n, prefixLength: 0 };
    connection.request(replaceRoute({ destination: everything, via, link, onlink: true }));
  }
}

/** Makes a pod's wire: the pair, the pod's addresses and routes, and the node's routes to the pod. */
export function connectPod({ kernel, node, netns }: WireEnds, wire: Wire): void {
  const { nodeLink, podLink, addresses, mtu } = wire;
  const mac = podMac(wire);
  const size = mtu === undefined ? {} : { mtu };
  withNamespaceFd(kernel, netns, (namespaceFd) =>
    node.request(
      createVeth({
        name: nodeLink,
        mac: NODE_END_MAC,
        up: true,
        ...size,
        peer: { name: podLink, mac, namespaceFd, ...size },
      }),
    ),
  );
  const pod = new Connection(kernel.openRouteSocket(netns));
  try {
    setUpPodSide(pod, wire);
  } finally {
    pod.close();
  }
  const link = linkIndex(node, nodeLink);
  for (const address of addresses) {
    const { family, value } = address;
    const destination = { family, base: value, prefixLength: whole(address) };
    node.request(replaceRoute({ destination, link }));
    node.request(setNeighbour({ link, address, mac }));
  }
}

/** Takes a wire away by the node's end; harmless when it is gone. */
export function disconnectPod(node: Connection, nodeLink: string): void {
  if (findLink(node, nodeLink) === undefined) return;
  try {
    node.request(deleteLink(nodeLink));
  } catch (error) {
    // The pod's namespace may have taken the wire with it between the look and the deletion.
    if (!(error instanceof NetlinkError) || error.errnoName !== 'ENODEV') throw error;
  }
}
