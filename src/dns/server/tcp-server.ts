import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { Clock } from '../../clock/index.ts';
import { messageOf } from '../../fault/index.ts';
import type { DnsEngine } from './engine.ts';
import { TcpConnection } from './tcp-connection.ts';
import { canonicalPeer } from './udp-server.ts';

export interface TcpServerOptions {
  /** A listening socket; it is the server's from now on. */
  readonly fd: number;
  readonly engine: DnsEngine;
  readonly clock: Clock;
  readonly log: (text: string) => void;
}

/** Connections of one socket, and of one client; more are closed at once. */
const MAX_CONNECTIONS = 1024;
const MAX_OF_ONE_CLIENT = 64;

/** Serves one TCP socket. */
export class TcpServer {
  private readonly options: TcpServerOptions;
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();
  private readonly clients = new Map<string, number>();

  private constructor(options: TcpServerOptions) {
    this.options = options;
    this.server = createServer({ allowHalfOpen: true }, (socket) => this.accept(socket));
    this.server.maxConnections = MAX_CONNECTIONS;
    this.server.on('error', (error) => options.log(`dns: TCP: ${messageOf(error)}`));
  }

  static async start(options: TcpServerOptions): Promise<TcpServer> {
    const server = new TcpServer(options);
    server.server.listen({ fd: options.fd });
    await once(server.server, 'listening');
    return server;
  }

  async close(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  private accept(socket: Socket): void {
    if (socket.remoteAddress === undefined) {
      socket.destroy();
      return;
    }
    const address = canonicalPeer(socket.remoteAddress);
    const count = (this.clients.get(address) ?? 0) + 1;
    if (count > MAX_OF_ONE_CLIENT) {
      socket.destroy();
      return;
    }
    this.clients.set(address, count);
    this.sockets.add(socket);
    socket.on('close', () => this.forget(socket, address));
    const { engine, clock } = this.options;
    const peer = { address, port: socket.remotePort ?? 0, protocol: 'tcp' } as const;
    void new TcpConnection({ socket, peer, engine, clock });
  }

  private forget(socket: Socket, address: string): void {
    this.sockets.delete(socket);
    const left = (this.clients.get(address) ?? 1) - 1;
    if (left === 0) this.clients.delete(address);
    else this.clients.set(address, left);
  }
}
