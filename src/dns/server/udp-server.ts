import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { formatAddress, requireAddress, unmap } from '../../ip/index.ts';
import { messageOf } from '../../fault/index.ts';
import type { DnsEngine } from './engine.ts';

/** Answers of forwarded questions that may wait for one socket; more are dropped, as a full queue would. */
const MAX_WAITING = 2048;

/** A client's address as Services and pods have it: dual-stack sockets report IPv4 peers mapped. */
export function canonicalPeer(address: string): string {
  return address.includes(':')
    ? formatAddress(unmap(requireAddress(address.replace(/%.*/, ''))))
    : address;
}

export interface UdpServerOptions {
  /** A bound socket; it is the server's from now on. */
  readonly fd: number;
  readonly family: 4 | 6;
  readonly engine: DnsEngine;
  readonly log: (text: string) => void;
}

/** Serves one UDP socket. */
export class UdpServer {
  private readonly options: UdpServerOptions;
  private readonly socket: Socket;
  private waiting = 0;

  private constructor(options: UdpServerOptions) {
    this.options = options;
    const { family } = options;
    this.socket = createSocket({
      type: family === 4 ? 'udp4' : 'udp6',
      // Addresses only: without this every answer waits a turn for a look-up of none.
      lookup: (host, _options, callback) => callback(null, host, family),
    });
    this.socket.on('message', (bytes, { address, port }) => this.receive(bytes, { address, port }));
    this.socket.on('error', (error) => options.log(`dns: UDP: ${messageOf(error)}`));
  }

  static async start(options: UdpServerOptions): Promise<UdpServer> {
    const server = new UdpServer(options);
    await new Promise<void>((resolve) => {
      server.socket.bind({ fd: options.fd }, resolve);
    });
    return server;
  }

  async close(): Promise<void> {
    const closed = once(this.socket, 'close');
    this.socket.close();
    await closed;
  }

  private receive(bytes: Buffer, from: { readonly address: string; readonly port: number }): void {
    if (this.waiting >= MAX_WAITING) return;
    const peer = {
      address: canonicalPeer(from.address),
      port: from.port,
      protocol: 'udp',
    } as const;
    const response = this.options.engine.handle(bytes, peer);
    if (response instanceof Promise) void this.sendLater(response, from);
    else this.send(response, from);
  }

  private async sendLater(
    response: Promise<Buffer | undefined>,
    to: { readonly address: string; readonly port: number },
  ): Promise<void> {
    this.waiting += 1;
    try {
      this.send(await response, to);
    } finally {
      this.waiting -= 1;
    }
  }

  /** A client that is gone is no error worth a word. */
  private send(
    bytes: Buffer | undefined,
    to: { readonly address: string; readonly port: number },
  ): void {
    if (bytes === undefined) return;
    try {
      this.socket.send(bytes, to.port, to.address, () => undefined);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ERR_SOCKET_DGRAM_NOT_RUNNING') throw error;
    }
  }
}
