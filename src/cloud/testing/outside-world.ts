import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { formatAddress, requireAddress } from '../../ip/index.ts';
import { createKernel, type Kernel, type SocketAddress } from '../../kernel/index.ts';
import { Connection, IPS_DST_NAT, listAddresses, listConntrack } from '../../netlink/index.ts';
import { defaultBlocks, Fabric, nodeAddresses } from '../../node/index.ts';
import { dialTcp } from '../../publish/index.ts';
import { attachClient } from './outside-client.ts';

/** Namespaces need root. */
export const skipReason: string | false =
  process.getuid?.() === 0 ? false : 'makes network namespaces: run as root';

/** Lets sockets and timers have their turn, for tests that look until something is so. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 1);
  });
}

/** A node's namespace with servers in it, as its node ports would be. */
export class TestNode {
  readonly name: string;
  readonly ip: string;
  readonly ip6: string;
  readonly netns: string;
  private readonly kernel: Kernel;
  private readonly open = new Set<Server | UdpSocket>();
  private readonly accepted = new Set<Socket>();

  constructor(
    kernel: Kernel,
    names: Pick<TestNode, 'name' | 'netns'>,
    [ip = '', ip6 = '']: string[],
  ) {
    this.kernel = kernel;
    this.name = names.name;
    this.netns = names.netns;
    this.ip = ip;
    this.ip6 = ip6;
  }

  /** Serves TCP at a port of the node; says the node's name and hangs up, if not told otherwise. */
  async serveTcp(
    port: number,
    onConnection: (socket: Socket) => void = (socket) => socket.end(this.name),
    address = this.ip,
  ): Promise<Server> {
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      // Tests and drain times end connections with a reset.
      socket.on('error', () => undefined);
      this.accepted.add(socket);
      socket.on('close', () => this.accepted.delete(socket));
      onConnection(socket);
    });
    return this.listen(server, { address, port });
  }

  /** Serves HTTP; `status` is asked for every request. */
  async serveHttp(port: number, status: (path: string) => number): Promise<Server> {
    const server = createHttpServer(({ url = '' }, response) => {
      response.writeHead(status(url)).end();
    });
    return this.listen(server, { address: this.ip, port });
  }

  /** Answers each datagram with the node's name. */
  async serveUdp(
    port: number,
    answer: (source: string) => string = () => this.name,
  ): Promise<void> {
    const socket = createSocket('udp4');
    const listening = once(socket, 'listening');
    socket.bind({ fd: this.kernel.bindUdp(this.netns, { address: this.ip, port }) });
    await listening;
    socket.on('message', (_, { address, port }) => socket.send(answer(address), port, address));
    this.open.add(socket);
  }

  async stop(server: Server): Promise<void> {
    this.open.delete(server);
    server.close();
    await once(server, 'close');
  }

  close(): void {
    for (const server of this.open) server.close();
    // Nobody told them of connections that were cut between.
    for (const socket of this.accepted) socket.destroy();
  }

  private async listen(server: Server, at: SocketAddress): Promise<Server> {
    server.listen({ fd: this.kernel.listenTcp(this.netns, at) });
    await once(server, 'listening');
    this.open.add(server);
    return server;
  }
}

/** Whence a connection comes: from a namespace, at an address there. */
export interface Origin {
  readonly netns: string;
  readonly source?: string;
}

/** A fabric with two nodes in namespaces of their own, and clients wherever one is wanted. */
export class OutsideWorld {
  readonly kernel: Kernel = createKernel();
  readonly fabric: string;
  readonly nodes: readonly [TestNode, TestNode];
  private readonly folder = mkdtempSync(join(tmpdir(), 'portolan-cloud-'));
  private readonly network: Fabric;
  private readonly clients = new Set<Socket>();
  private readonly machines: string[] = [];

  constructor() {
    this.fabric = join(this.folder, 'fabric');
    this.network = new Fabric({
      kernel: this.kernel,
      blocks: defaultBlocks,
      paths: { fabric: this.fabric, nodePin: (name) => join(this.folder, name) },
      isAdopted: false,
    });
    this.nodes = [this.addNode(1), this.addNode(2)];
  }

  /** A connection from outside, or from a namespace; errors show as its end. */
  dial(to: SocketAddress, from: string | Origin = this.fabric): Socket {
    const { netns, source } = typeof from === 'string' ? { netns: from } : from;
    const socket = dialTcp(this.kernel, netns, source === undefined ? to : { ...to, source });
    socket.on('error', () => undefined);
    this.clients.add(socket);
    socket.on('close', () => this.clients.delete(socket));
    return socket;
  }

  /** What a server says until it hangs up; empty when it cannot be reached. */
  async ask(to: SocketAddress, from: string | Origin = this.fabric): Promise<string> {
    const socket = this.dial(to, from);
    socket.end();
    return text(socket).catch(() => '');
  }

  /** The names of those that answer so many connections, sorted, each once. */
  async askAround(to: SocketAddress, times = 12): Promise<string[]> {
    const names = new Set<string>();
    for (let time = 0; time < times; time += 1) names.add(await this.ask(to));
    return [...names].sort();
  }

  /** The namespace of a new machine behind the fabric. */
  attachClient(addresses: readonly string[]): string {
    const path = join(this.folder, `client${this.machines.length}`);
    this.machines.push(path);
    attachClient(this.kernel, { fabric: this.fabric, path, addresses });
    return path;
  }

  /** The external addresses that the fabric answers at. */
  externalAddresses(): string[] {
    const connection = new Connection(this.kernel.openRouteSocket(this.fabric));
    const found = listAddresses(connection).map(({ address }) => formatAddress(address));
    connection.close();
    return found.filter((address) => /^(172\.19\.|fd00:172:19:)/.test(address)).sort();
  }

  /** How many connections to an external address the kernel itself has translated. */
  countTranslated(address: string): number {
    const connection = new Connection(this.kernel.openNetfilterSocket(this.fabric));
    const originalDestination = requireAddress(address);
    const found = listConntrack(connection, { originalDestination });
    connection.close();
    return found.filter(({ status }) => (status & IPS_DST_NAT) !== 0).length;
  }

  /** Resolves when the last connection to an address of a balancer that is gone has drained. */
  async untilNoAddress(): Promise<void> {
    while (this.externalAddresses().length > 0) await nextTurn();
  }

  close(): void {
    for (const client of this.clients) client.destroy();
    for (const node of this.nodes) node.close();
    this.network.close();
    for (const path of [this.fabric, ...this.nodes.map(({ netns }) => netns), ...this.machines]) {
      this.kernel.deleteNamespace(path);
    }
    rmSync(this.folder, { recursive: true });
  }

  private addNode(ordinal: 1 | 2): TestNode {
    const addresses = nodeAddresses(defaultBlocks, ordinal);
    const name = `node${ordinal}`;
    const { netns } = this.network.addNode(name, addresses);
    return new TestNode(this.kernel, { name, netns }, addresses.nodeIPs.map(formatAddress));
  }
}
