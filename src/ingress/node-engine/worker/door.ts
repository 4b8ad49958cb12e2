import { createServer, type Server, type Socket } from 'node:net';
import { readProxyHeader } from './proxy-protocol.ts';

/** How long a client may take for what stands before its request: PROXY header, TLS hello. */
const PATIENCE_MS = 10_000;

export interface DoorOptions {
  /** All addresses when absent. */
  readonly address?: string;
  readonly port: number;
  /** Every connection begins with a PROXY protocol header; one that does not is closed. */
  readonly proxyProtocol: boolean;
  readonly onAccept: () => void;
  /** Takes the connection; its bytes are all still to be read. */
  readonly onConnection: (socket: Socket, client: Client) => void;
}

/** Who is at the other end, as far as a connection tells. */
export interface Client {
  readonly address: string;
  /** A proxy has opened the TLS that the client spoke. */
  readonly isSecure: boolean;
}

/** The IPv4 address in an IPv4-mapped one. */
function plainAddress(address: string): string {
  return address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address;
}

/** Takes connections on one port, and what stands before them away. */
export class Door {
  private readonly server: Server;
  private readonly options: DoorOptions;
  private readonly sockets = new Set<Socket>();

  constructor(options: DoorOptions) {
    this.options = options;
    this.server = createServer({ noDelay: true, keepAlive: true }, (socket) => this.take(socket));
  }

  /** @throws the error of the system, EADDRINUSE for example. */
  async listen(): Promise<void> {
    const listening = Promise.withResolvers<void>();
    this.server.once('error', listening.reject);
    const { address = '::', port } = this.options;
    this.server.listen({ host: address, port, backlog: 4096 }, listening.resolve);
    await listening.promise;
  }

  private take(socket: Socket): void {
    const { onAccept, onConnection, proxyProtocol } = this.options;
    onAccept();
    this.sockets.add(socket);
    socket.once('close', () => this.sockets.delete(socket));
    const client = plainAddress(socket.remoteAddress ?? '');
    if (!proxyProtocol) {
      onConnection(socket, { address: client, isSecure: false });
      return;
    }
    peek(socket, (bytes) => {
      const header = readProxyHeader(bytes);
      if (header === 'more') return 'more';
      if (header === 'none') {
        socket.destroy();
        return 0;
      }
      const { client: address = client, isSecure = false } = header;
      setImmediate(() => onConnection(socket, { address, isSecure }));
      return header.length;
    });
  }

  /** The port that is listened on. */
  get port(): number {
    const address = this.server.address();
    return address === null || typeof address === 'string' ? 0 : address.port;
  }

  /** Takes no more connections. */
  stop(): void {
    this.server.close();
  }

  /** Ends those that there are. */
  destroy(): void {
    for (const socket of this.sockets) socket.destroy();
  }
}

/**
 * Shows `look` the first bytes of a connection until it says how many of them to take away; the rest is put back. A
 * connection that takes too long, or ends first, is closed.
 */
export function peek(socket: Socket, look: (bytes: Buffer) => number | 'more'): void {
  let seen = Buffer.alloc(0);
  const giveUp = (): void => {
    socket.destroy();
  };
  const timer = setTimeout(giveUp, PATIENCE_MS);
  const settle = (): void => {
    clearTimeout(timer);
    socket.off('readable', onReadable);
    socket.off('end', giveUp);
    socket.off('error', giveUp);
    socket.off('close', settle);
  };
  const onReadable = (): void => {
    const chunk = socket.read() as Buffer | null;
    if (chunk === null) return;
    seen = Buffer.concat([seen, chunk]);
    const taken = look(seen);
    if (taken === 'more') return;
    settle();
    const rest = seen.subarray(taken);
    if (rest.length > 0 && !socket.destroyed) socket.unshift(rest);
  };
  socket.on('readable', onReadable);
  socket.on('end', giveUp);
  socket.on('error', giveUp);
  socket.on('close', settle);
}
