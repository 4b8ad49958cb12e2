import { createHash } from 'node:crypto';
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

/** The pod's interface, inside the pod's namespace. */
const POD_LINK = 'eth0';
/**
 * The gateway of every pod, which no interface has: a permanent neighbour entry gives it the hardware address of the
 * node's end, so nobody asks for it and the node needs no address on the pod's wire.
 */
const gateways = { 4: requireAddress('169.254.1.1'), 6: requireAddress('fe80::1') } as const;
/** Of the node's end of every pod's wire. */
const NODE_END_MAC = 'ee:ee:ee:ee:ee:ee';

/** Wires pods to their node. */
export interface PodNetwork {
  /** True when pods have the addresses of the node's pool; false when the network finds some for them. */
  readonly usesAddressPool: boolean;
  /**
   * Gives a pod its link and routes; the pod's namespace is pinned at `netns`.
   * @returns the addresses that the pod has then: those it came with, or the network's own.
   */
  attach(pod: PodWire, netns: string): Promise<readonly Address[]>;
  /** Takes the pod's link away from the node; harmless when it is gone, or when its namespace is. */
  detach(pod: Pick<PodWire, 'uid'>, netns: string): Promise<void>;
  close(): void;
}

/** A container's port that the node shall have too (`hostPort`). */
export interface HostPort {
  readonly hostPort: number;
  readonly containerPort: number;
  readonly protocol: 'TCP' | 'UDP' | 'SCTP';
  readonly hostIP?: string;
}

/** A pod as its network sees it. */
export interface PodWire {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  /** From the node's pool; none when the network does not use it. */
  readonly addresses: readonly Address[];
  readonly hostPorts: readonly HostPort[];
}

/** The node's end of a pod's wire: `veth` and eleven hexadecimal digits of a hash of the pod's uid. */
export function wireName(uid: string): string {
  return `veth${createHash('sha256').update(uid).digest('hex').slice(0, 11)}`;
}

/**
 * The pod's side of the wire: one /32 (/128) and a default route through the gateway.
 *
 *     pod:  eth0 10.244.0.7/32, default via 169.254.1.1    node: veth..., 10.244.0.7/32 dev veth...
 */
function setUpPodSide(connection: Connection, addresses: readonly Address[]): void {
  const link = linkIndex(connection, POD_LINK);
  connection.request(changeLink(link, { up: true }));
  for (const address of addresses) {
    const via = gateways[address.family];
    const bits = address.family === 4 ? 32 : 128;
    connection.request(addAddress({ link, address, prefixLength: bits }));
    connection.request(setNeighbour({ link, address: via, mac: NODE_END_MAC }));
    const everything = { family: address.family, base: 0n, prefixLength: 0 };
    connection.request(replaceRoute({ destination: everything, via, link, onlink: true }));
  }
}

/** The wires of one node's pods. */
export class VethPodNetwork implements PodNetwork {
  readonly usesAddressPool = true;
  private readonly kernel: Kernel;
  private readonly node: Connection;

  constructor(kernel: Kernel, nodeNetns: string) {
    this.kernel = kernel;
    this.node = new Connection(kernel.openRouteSocket(nodeNetns));
  }

  /** Wired before it returns: nothing else of this process runs in between. */
  attach(pod: Pick<PodWire, 'uid' | 'addresses'>, netns: string): Promise<readonly Address[]> {
    return Promise.resolve(this.wire(pod, netns));
  }

  private wire(
    { uid, addresses }: Pick<PodWire, 'uid' | 'addresses'>,
    netns: string,
  ): readonly Address[] {
    const name = wireName(uid);
    const [first] = addresses;
    if (first === undefined) throw new TypeError('a pod needs an address');
    const mac = macOf(first);
    withNamespaceFd(this.kernel, netns, (namespaceFd) =>
      this.node.request(
        createVeth({
          name,
          mac: NODE_END_MAC,
          up: true,
          peer: { name: POD_LINK, mac, namespaceFd },
        }),
      ),
    );
    const pod = new Connection(this.kernel.openRouteSocket(netns));
    try {
      setUpPodSide(pod, addresses);
    } finally {
      pod.close();
    }
    const link = linkIndex(this.node, name);
    for (const address of addresses) {
      const prefixLength = address.family === 4 ? 32 : 128;
      const destination = { family: address.family, base: address.value, prefixLength };
      this.node.request(replaceRoute({ destination, link }));
      this.node.request(setNeighbour({ link, address, mac }));
    }
    return addresses;
  }

  detach({ uid }: Pick<PodWire, 'uid'>): Promise<void> {
    return Promise.resolve(this.unwire(uid));
  }

  private unwire(uid: string): void {
    const name = wireName(uid);
    if (findLink(this.node, name) === undefined) return;
    try {
      this.node.request(deleteLink(name));
    } catch (error) {
      // The pod's namespace may have taken the wire with it between the look and the deletion.
      if (!(error instanceof NetlinkError) || error.errnoName !== 'ENODEV') throw error;
    }
  }

  close(): void {
    this.node.close();
  }
}
