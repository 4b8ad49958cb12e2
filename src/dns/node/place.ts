import type { Clock } from '../../clock/index.ts';
import { cidrOf, requireAddress } from '../../ip/index.ts';
import type { Kernel } from '../../kernel/index.ts';
import { addAddress, Connection } from '../../netlink/index.ts';
import { Nftables, replacementOf } from '../../nft/index.ts';
import type { DnsEngine } from '../server/engine.ts';
import { TcpServer } from '../server/tcp-server.ts';
import { UdpServer } from '../server/udp-server.ts';
import { notrackRuleset } from './notrack.ts';

/** A server that can be closed. */
export interface Closable {
  close(): Promise<void>;
}

export interface PlaceOptions {
  readonly kernel: Kernel;
  readonly clock: Clock;
  readonly engine: DnsEngine;
  /** Pin of the network namespace. */
  readonly netns: string;
  readonly log: (text: string) => void;
}

const DNS_PORT = 53;
/** `lo` is the first link of every namespace. */
const LOOPBACK = 1;

/** Listens for DNS at an address of a namespace, over UDP and TCP. @throws KernelError, e.g. EADDRINUSE. */
export async function listenAt(options: PlaceOptions, address: string): Promise<Closable[]> {
  const { kernel, netns, engine, log, clock } = options;
  const at = { address, port: DNS_PORT };
  const family = address.includes(':') ? 6 : 4;
  const udp = await UdpServer.start({ fd: kernel.bindUdp(netns, at), family, engine, log });
  try {
    const fd = kernel.listenTcp(netns, at);
    return [udp, await TcpServer.start({ fd, engine, clock, log })];
  } catch (error) {
    await udp.close();
    throw error;
  }
}

/** Gives a node the Service's addresses on its loopback, out of connection tracking. Harmless when it has them. */
export function prepareNode(
  { kernel, netns }: Pick<PlaceOptions, 'kernel' | 'netns'>,
  addresses: readonly string[],
): void {
  const routes = new Connection(kernel.openRouteSocket(netns));
  try {
    for (const text of addresses) {
      const address = requireAddress(text);
      const { prefixLength } = cidrOf(address);
      // The node's own connections to pods keep the node's address as their source.
      const own = { link: LOOPBACK, address, prefixLength };
      routes.request(addAddress(own, { replace: true, neverSource: true }));
    }
  } finally {
    routes.close();
  }
  const socket = kernel.openNetfilterSocket(netns);
  try {
    new Nftables(socket).commit(notrackRuleset(addresses).flatMap(replacementOf));
  } finally {
    socket.close();
  }
}

/**
 * Serves DNS on a node, at the Service's own addresses: what its pods ask never leaves it.
 * @throws KernelError, NetlinkError, NftRefused, with nothing left open
 */
export async function serveNode(
  options: PlaceOptions,
  addresses: readonly string[],
): Promise<Closable[]> {
  prepareNode(options, addresses);
  const servers: Closable[] = [];
  try {
    for (const address of addresses) servers.push(...(await listenAt(options, address)));
  } catch (error) {
    await Promise.all(servers.map((server) => server.close()));
    throw error;
  }
  return servers;
}
