import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { formatAddress, requireAddress, unmap } from '../../ip/index.ts';
import { messageOf } from '../../fault/index.ts';
import { DatagramBatch, type DatagramHandler, type Outgoing } from '../../kernel/index.ts';
import type { DnsEngine } from './engine.ts';
import type { Peer } from './peer.ts';

/** Answers of forwarded questions that may wait for one socket; more are dropped, as a full queue would. */
const MAX_WAITING = 2048;

/** Batches in a row before other sockets have their turn. */
const MAX_ROUNDS = 8;

/** A client's address as Services and pods have it: dual-stack sockets report IPv4 peers mapped. */
export function canonicalPeer(address: string): string {
  return address.includes(':')
    ? formatAddress(unmap(requireAddress(address.replace(/%.*/, ''))))
    : address;
}

/** Where a datagram came from. */
interface Sender {
  readonly address: string;
  readonly port: number;
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
  /** What came in behind the datagram that Node told of. */
  private readonly batch: DatagramBatch | undefined;
  private waiting = 0;

  private constructor(options: UdpServerOptions) {
    this.options = options;
    const { family } = options;
    this.socket = createSocket({
      type: family === 4 ? 'udp4' : 'udp6',
      // Addresses only: without this every answer waits a turn for a look-up of none.
      lookup: (host, _options, callback) => callback(null, host, family),
    });
    this.batch = DatagramBatch.isSupported ? new DatagramBatch(options.fd) : undefined;
    this.socket.on('message', (bytes, from) => this.drain(this.receive(bytes, from)));
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

  /** Takes what else is there, for a while: other sockets want their turn, too. The first answer goes with theirs. */
  private drain(first: Outgoing | undefined): void {
    const { batch } = this;
    // The scope of a link-local address is Node's affair.
    if (batch === undefined || first?.to.address.includes('%') === true) {
      if (first !== undefined) this.send(Buffer.from(first.bytes), first.to);
      return;
    }
    let count = batch.handle(this.answerOne, first);
    for (let round = 1; count > 0 && round < MAX_ROUNDS; round += 1) {
      count = batch.handle(this.answerOne);
    }
  }

  private readonly answerOne: DatagramHandler = (bytes, from) => this.answer(bytes, from);

  /** Port 0 is what a sender has that wants no answer (RFC 768); Node throws at the attempt. */
  private canAnswer({ port }: Sender): boolean {
    return port !== 0 && this.waiting < MAX_WAITING;
  }

  /** The answer to one datagram of a batch, if it is known at once; else it follows by itself. */
  private answer(bytes: Buffer, from: Sender): Buffer | undefined {
    if (!this.canAnswer(from)) return undefined;
    const response = this.options.engine.handle(bytes, {
      address: from.address,
      port: from.port,
      protocol: 'udp',
    });
    if (!(response instanceof Promise)) return response;
    const { family } = this.options;
    const isMapped = family === 6 && !from.address.includes(':');
    void this.sendLater(response, isMapped ? { ...from, address: `::ffff:${from.address}` } : from);
    return undefined;
  }

  /** The answer to the datagram that Node told of, if it is known at once. */
  private receive(bytes: Buffer, to: Sender): Outgoing | undefined {
    if (!this.canAnswer(to)) return undefined;
    const address = canonicalPeer(to.address);
    const peer: Peer = { address, port: to.port, protocol: 'udp' };
    const response = this.options.engine.handle(bytes, peer);
    if (!(response instanceof Promise)) {
      return response === undefined ? undefined : { bytes: response, to };
    }
    void this.sendLater(response, to);
    return undefined;
  }

  private async sendLater(response: Promise<Buffer | undefined>, to: Sender): Promise<void> {
    this.waiting += 1;
    try {
      this.send(await response, to);
    } finally {
      this.waiting -= 1;
    }
  }

  /** A client that is gone is no error worth a word. */
  private send(bytes: Buffer | undefined, to: Sender): void {
    if (bytes === undefined) return;
    try {
      this.socket.send(bytes, to.port, to.address, () => undefined);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ERR_SOCKET_DGRAM_NOT_RUNNING') throw error;
    }
  }
}
