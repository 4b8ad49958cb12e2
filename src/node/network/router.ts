import { Fault } from '../../fault/index.ts';
import type { Address } from '../../ip/index.ts';
import type { Kernel } from '../../kernel/index.ts';
import {
  Connection,
  findLink,
  replaceRoute,
  setNeighbour,
  type LinkRef,
} from '../../netlink/index.ts';
import { macOf, type NodeAddresses } from './addresses.ts';

/** What a router needs of the kernel, by family: forwarding, and no guesses about asymmetric paths. */
const routerSysctls: Readonly<Record<4 | 6, readonly (readonly [string, string])[]>> = {
  4: [
    ['net/ipv4/ip_forward', '1'],
    ['net/ipv4/conf/all/rp_filter', '0'],
    ['net/ipv4/conf/default/rp_filter', '0'],
    ['net/ipv4/conf/all/send_redirects', '0'],
    ['net/ipv4/conf/default/send_redirects', '0'],
  ],
  6: [
    ['net/ipv6/conf/all/forwarding', '1'],
    ['net/ipv6/conf/all/accept_dad', '0'],
    ['net/ipv6/conf/default/accept_dad', '0'],
  ],
};

/** Makes a network namespace that forwards between its links, pinned at `netns`, for the families of `addresses`. */
export function createRouter(
  kernel: Kernel,
  netns: string,
  addresses: readonly Address[],
): Connection {
  kernel.createNetworkNamespace(netns);
  // A kernel without IPv6 has no settings for it.
  for (const family of new Set(addresses.map(({ family }) => family))) {
    for (const [name, value] of routerSysctls[family]) kernel.writeSysctl(netns, name, value);
  }
  return new Connection(kernel.openRouteSocket(netns));
}

/** The number of a link that must be there. @throws Fault `LINK_MISSING`. */
export function linkIndex(connection: Connection, ref: LinkRef): number {
  const link = findLink(connection, ref);
  if (link !== undefined) return link.index;
  throw new Fault({
    code: 'LINK_MISSING',
    message: `the cluster's network has no link ${ref}: something else removed it`,
    advice: 'Run `portolan delete` and `portolan start`.',
  });
}

/** Another machine on the underlay, as its neighbours need to know it. */
export interface Neighbouring {
  readonly addresses: readonly Address[];
  readonly mac: string;
}

/** Writes where a neighbour lives: no ARP and no neighbour discovery on the underlay. */
export function knowNeighbour(connection: Connection, link: number, other: Neighbouring): void {
  for (const address of other.addresses) {
    connection.request(setNeighbour({ link, address, mac: other.mac }));
  }
}

/** Routes a node's pods to the node, each family through its own address. */
export function routeToPods(connection: Connection, link: number, node: NodeAddresses): void {
  for (const destination of node.podCidrs) {
    const via = node.nodeIPs.find(({ family }) => family === destination.family);
    if (via !== undefined) connection.request(replaceRoute({ destination, via, link }));
  }
}

/** A node as its neighbours see it. */
export function asNeighbour(node: NodeAddresses): Neighbouring {
  const [first] = node.nodeIPs;
  return { addresses: node.nodeIPs, mac: first === undefined ? '' : macOf(first) };
}

/** Runs `body` with an open descriptor of a pinned namespace, for netlink's `namespaceFd`. */
export function withNamespaceFd(kernel: Kernel, pin: string, body: (fd: number) => void): void {
  const fd = kernel.openNamespace(pin);
  try {
    body(fd);
  } finally {
    kernel.closeDescriptor(fd);
  }
}
