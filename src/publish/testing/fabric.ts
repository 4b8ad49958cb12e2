import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createKernel, type Kernel, type SocketAddress } from '../../kernel/index.ts';

/** Namespaces need root. */
export const skipReason: string | false =
  process.getuid?.() === 0 ? false : 'makes network namespaces: run as root';

/** A network namespace of its own with servers on its loopback, which the host cannot reach but through a publisher. */
export class TestFabric {
  readonly kernel: Kernel = createKernel();
  private readonly folder = mkdtempSync(join(tmpdir(), 'portolan-publish-'));
  readonly path = join(this.folder, 'fabric');
  private readonly servers: (Server | UdpSocket)[] = [];

  constructor() {
    this.kernel.createNetworkNamespace(this.path);
  }

  /** Listens inside; returns the address. */
  async serveTcp(onConnection: (socket: Socket) => void): Promise<SocketAddress> {
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      // Tests end with connections open, which the publisher then resets.
      socket.on('error', () => undefined);
      onConnection(socket);
    });
    server.listen({ fd: this.kernel.listenTcp(this.path, { address: '127.0.0.1', port: 0 }) });
    await once(server, 'listening');
    this.servers.push(server);
    return addressOf(server);
  }

  /** Answers each datagram inside with what `answer` makes of it. */
  async serveUdp(
    answer: (datagram: string, from: SocketAddress) => string,
    at: SocketAddress = { address: '127.0.0.1', port: 0 },
  ): Promise<SocketAddress> {
    const socket = createSocket('udp4');
    const listening = once(socket, 'listening');
    socket.bind({ fd: this.kernel.bindUdp(this.path, at) });
    await listening;
    socket.on('message', (datagram, from) => {
      socket.send(answer(datagram.toString(), from), from.port, from.address);
    });
    this.servers.push(socket);
    return socket.address();
  }

  /** An address inside where nobody listens. */
  async closedPort(): Promise<SocketAddress> {
    const server = createServer();
    server.listen({ fd: this.kernel.listenTcp(this.path, { address: '127.0.0.1', port: 0 }) });
    await once(server, 'listening');
    const address = addressOf(server);
    server.close();
    await once(server, 'close');
    return address;
  }

  close(): void {
    this.servers.forEach((server) => server.close());
    this.kernel.deleteNamespace(this.path);
    rmSync(this.folder, { recursive: true });
  }
}

function addressOf(server: Server): SocketAddress {
  return server.address() as AddressInfo;
}

/** A TCP and UDP port of 127.18.255.1 that was free a moment ago. */
export async function freeListen(): Promise<SocketAddress> {
  const server = createServer();
  server.listen({ host: '127.18.255.1', port: 0 });
  await once(server, 'listening');
  const address = addressOf(server);
  server.close();
  await once(server, 'close');
  return { address: address.address, port: address.port };
}
