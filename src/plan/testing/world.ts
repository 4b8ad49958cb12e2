import { cidrOf, requireAddress } from '../../ip/index.ts';
import { TestKernel } from '../../kernel/testing/test-kernel.ts';
import {
  addAddress,
  addRoute,
  changeLink,
  createVeth,
  everywhere,
  findLink,
  setNeighbour,
  type Connection,
} from '../../netlink/index.ts';
import { Nftables } from '../../nft/index.ts';
import { NodeProgrammer } from '../node-programmer.ts';
import { settings } from './settings.ts';

/** One machine of the test: its namespace and its addresses. */
export interface Host {
  readonly name: string;
  readonly path: string;
  readonly addresses: readonly [string, string];
}

/**
 * A node with two pods and a client outside, each a network namespace, wired as design.md says: pods have /32 and
 * /128 addresses on veths, the node a route for each, and no bridge.
 */
export class World {
  readonly test = new TestKernel();
  readonly node: Host;
  readonly client: Host;
  readonly podA: Host;
  readonly podB: Host;
  readonly nftables: Nftables;
  readonly programmer: NodeProgrammer;
  private readonly nodeRoutes: Connection;

  constructor() {
    this.node = this.host('node', ['172.18.0.2', 'fd00:18::2']);
    this.nodeRoutes = this.test.connect(this.node.path);
    this.forward(this.node);
    this.addNodeAddresses();
    this.client = this.attach(this.host('client', ['172.18.0.100', 'fd00:18::100']), 'client');
    this.podA = this.attach(this.host('pod-a', ['10.244.0.2', 'fd00:10:244::2']), 'veth-a');
    this.podB = this.attach(this.host('pod-b', ['10.244.0.3', 'fd00:10:244::3']), 'veth-b');
    this.addDefaultRoutes();
    this.nftables = new Nftables(this.test.kernel.openNetfilterSocket(this.node.path));
    this.programmer = new NodeProgrammer(this.nftables, settings, ({ cause }) => {
      throw cause;
    });
    this.programmer.start();
  }

  dispose(): void {
    this.programmer.close();
    this.test.dispose();
  }

  /** A machine that is attached to nothing. */
  host(name: string, addresses: readonly [string, string]): Host {
    const path = this.test.namespace(name);
    this.test.kernel.writeSysctl(path, 'net/ipv6/conf/default/accept_dad', '0');
    this.test.kernel.writeSysctl(path, 'net/ipv6/conf/all/accept_dad', '0');
    return { name, path, addresses };
  }

  /** Makes a host a router. */
  forward({ path }: Host): void {
    for (const name of ['net/ipv4/ip_forward', 'net/ipv6/conf/all/forwarding']) {
      this.test.kernel.writeSysctl(path, name, '1');
    }
  }

  /** The node's addresses are on its loopback here: one node needs no underlay. */
  private addNodeAddresses(): void {
    for (const text of this.node.addresses) {
      const address = requireAddress(text);
      this.nodeRoutes.request(
        addAddress({ link: 1, address, prefixLength: cidrOf(address).prefixLength }),
      );
    }
  }

  /** Without a route to a Service address a node's own packet ends before any hook sees it. */
  private addDefaultRoutes(): void {
    const link = findLink(this.nodeRoutes, 'client')?.index ?? 0;
    for (const [family, client] of [
      [4, this.client.addresses[0]],
      [6, this.client.addresses[1]],
    ] as const) {
      const via = requireAddress(client);
      this.nodeRoutes.request(addRoute({ destination: everywhere(family), link, via }));
    }
  }

  /**
   * Joins a host to a router, the node unless said otherwise, by a veth pair, with a route to it there and a default route
   * here. The nodes' ends of pods' wires begin with `veth`: that is how policies know them.
   */
  attach(host: Host, wire: string, router = this.node): Host {
    const routes = this.test.connect(host.path);
    const there = router === this.node ? this.nodeRoutes : this.test.connect(router.path);
    const namespaceFd = this.test.kernel.openNamespace(host.path);
    there.request(createVeth({ name: wire, up: true, peer: { name: 'eth0', namespaceFd } }));
    this.test.kernel.closeDescriptor(namespaceFd);
    routes.request(changeLink('eth0', { up: true }));
    const link = findLink(routes, 'eth0')?.index ?? 0;
    const { index = 0, mac = '' } = findLink(there, wire) ?? {};
    host.addresses.forEach((text, at) => {
      const address = requireAddress(text);
      const gateway = requireAddress(router.addresses[at] ?? '');
      const { prefixLength } = cidrOf(address);
      routes.request(addAddress({ link, address, prefixLength }));
      // IPv6 answers solicitations only for addresses of the very interface; the router's are on another.
      routes.request(setNeighbour({ link, address: gateway, mac }));
      routes.request(addRoute({ destination: cidrOf(gateway), link }));
      routes.request(addRoute({ destination: everywhere(address.family), link, via: gateway }));
      there.request(addRoute({ destination: cidrOf(address), link: index }));
    });
    return host;
  }
}
