import { existsSync } from 'node:fs';
import type { Cidr } from '../../ip/index.ts';
import type { Kernel } from '../../kernel/index.ts';
import {
  addAddress,
  changeLink,
  Connection,
  createBridge,
  createVeth,
  replaceRoute,
} from '../../netlink/index.ts';
import { macOf, outsideAddresses, type ClusterBlocks, type NodeAddresses } from './addresses.ts';
import {
  asNeighbour,
  createRouter,
  knowNeighbour,
  linkIndex,
  routeToPods,
  withNamespaceFd,
  type Neighbouring,
} from './router.ts';

/** The bridge that joins the nodes, inside the fabric's namespace; the outside world's addresses are on it. */
const BRIDGE = 'underlay';
/** A node's interface on the underlay, inside the node's namespace. */
const NODE_LINK = 'eth0';

/** Where the fabric and its nodes are pinned. */
export interface FabricPaths {
  /** Pin of the fabric's namespace: the outside world. */
  readonly fabric: string;
  /** Pin of a node's namespace. */
  nodePin(name: string): string;
}

export interface FabricOptions {
  readonly kernel: Kernel;
  readonly blocks: ClusterBlocks;
  readonly paths: FabricPaths;
  /** True when the namespaces outlived the last daemon: they are opened, not made. */
  readonly isAdopted: boolean;
}

/**
 * Frames on the bridge are the wire between nodes: nobody's iptables have a say there (br_netfilter). Where that module is
 * not loaded, there is nothing to turn off.
 */
function keepBridgeFromFilters(kernel: Kernel, netns: string): void {
  if (!existsSync('/proc/sys/net/bridge')) return;
  for (const family of ['iptables', 'ip6tables', 'arptables']) {
    kernel.writeSysctl(netns, `net/bridge/bridge-nf-call-${family}`, '0');
  }
}

interface WiredNode {
  readonly addresses: NodeAddresses;
  readonly connection: Connection;
}

/**
 * The outside world and the wires between the nodes: one namespace with a bridge, on it a veth pair to each node.
 *
 *     fabric: underlay 172.18.0.1 -- node1 ~~ eth0 172.18.0.2 :node1
 *                                 \- node2 ~~ eth0 172.18.0.3 :node2
 */
export class Fabric {
  readonly netns: string;
  private readonly options: FabricOptions;
  private readonly connection: Connection;
  private readonly nodes = new Map<string, WiredNode>();

  constructor(options: FabricOptions) {
    this.options = options;
    this.netns = options.paths.fabric;
    this.connection = options.isAdopted
      ? new Connection(options.kernel.openRouteSocket(this.netns))
      : this.make();
  }

  private outside(): Neighbouring {
    const addresses = outsideAddresses(this.options.blocks);
    const [first] = addresses;
    return { addresses, mac: first === undefined ? '' : macOf(first) };
  }

  private make(): Connection {
    const { addresses, mac } = this.outside();
    const connection = createRouter(this.options.kernel, this.netns, addresses);
    keepBridgeFromFilters(this.options.kernel, this.netns);
    connection.request(createBridge({ name: BRIDGE, mac, up: true }));
    this.address(connection, linkIndex(connection, BRIDGE), addresses);
    return connection;
  }

  private address(
    connection: Connection,
    link: number,
    addresses: Neighbouring['addresses'],
  ): void {
    for (const address of addresses) {
      const block = this.blockOf(address.family);
      connection.request(addAddress({ link, address, prefixLength: block.prefixLength }));
    }
  }

  private blockOf(family: Cidr['family']): Cidr {
    const block = this.options.blocks.underlay.find((cidr) => cidr.family === family);
    if (block === undefined) throw new TypeError(`the underlay has no IPv${family} block`);
    return block;
  }

  private wire(name: string, addresses: NodeAddresses): Connection {
    const { kernel, paths } = this.options;
    const pin = paths.nodePin(name);
    const node = createRouter(kernel, pin, addresses.nodeIPs);
    const { mac } = asNeighbour(addresses);
    withNamespaceFd(kernel, pin, (namespaceFd) =>
      this.connection.request(
        createVeth({
          name,
          master: linkIndex(this.connection, BRIDGE),
          up: true,
          peer: { name: NODE_LINK, mac, namespaceFd },
        }),
      ),
    );
    const link = linkIndex(node, NODE_LINK);
    node.request(changeLink(link, { up: true }));
    this.address(node, link, addresses.nodeIPs);
    const outside = this.outside();
    knowNeighbour(node, link, outside);
    for (const via of outside.addresses) {
      const everything = { family: via.family, base: 0n, prefixLength: 0 };
      node.request(replaceRoute({ destination: everything, via, link }));
    }
    return node;
  }

  /** Tells the outside world and every other node of a new one, and the new one of them. */
  private introduce(node: WiredNode): void {
    const bridge = linkIndex(this.connection, BRIDGE);
    routeToPods(this.connection, bridge, node.addresses);
    knowNeighbour(this.connection, bridge, asNeighbour(node.addresses));
    const here = linkIndex(node.connection, NODE_LINK);
    for (const other of this.nodes.values()) {
      const there = linkIndex(other.connection, NODE_LINK);
      routeToPods(other.connection, there, node.addresses);
      knowNeighbour(other.connection, there, asNeighbour(node.addresses));
      routeToPods(node.connection, here, other.addresses);
      knowNeighbour(node.connection, here, asNeighbour(other.addresses));
    }
  }

  /** Makes (or opens) a node's namespace, wires it to the underlay and routes its pods to it. */
  addNode(name: string, addresses: NodeAddresses): { readonly netns: string } {
    const { kernel, paths, isAdopted } = this.options;
    const netns = paths.nodePin(name);
    const connection = isAdopted
      ? new Connection(kernel.openRouteSocket(netns))
      : this.wire(name, addresses);
    const node = { addresses, connection };
    if (!isAdopted) this.introduce(node);
    this.nodes.set(name, node);
    return { netns };
  }

  /** Closes the sockets; the namespaces stay. */
  close(): void {
    for (const { connection } of this.nodes.values()) connection.close();
    this.connection.close();
  }
}
