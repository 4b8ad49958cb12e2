import { createSecureServer, type Http2SecureServer, type ServerHttp2Session } from 'node:http2';
import type { IncomingMessage } from 'node:http';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { KeyPair } from '../authentication/certificate.ts';
import type { HttpRequest, HttpResponse } from './exchange.ts';

export interface ListenerOptions {
  /** Certificate and key of the server. */
  readonly serving: KeyPair;
  /** PEM: signs the certificates of clients. */
  readonly clientCa: string;
  onRequest(request: HttpRequest, response: HttpResponse): void;
  onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

export interface ListenAddress {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
}

/** TLS with ALPN `h2` and `http/1.1`; who has no client certificate is let in and is nobody, or brings a token. */
function createTlsServer(options: ListenerOptions): Http2SecureServer {
  const server = createSecureServer({
    allowHTTP1: true,
    cert: options.serving.certificate,
    key: options.serving.key,
    ca: options.clientCa,
    requestCert: true,
    rejectUnauthorized: false,
    // kubectl keeps many watches on one connection.
    settings: { maxConcurrentStreams: 1000 },
  });
  server.on('request', (request, response) => {
    options.onRequest(request as unknown as HttpRequest, response);
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    options.onUpgrade(request, socket, head);
  });
  return server;
}

function listening(
  server: Server,
  address: ListenAddress | { readonly fd: number },
): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(address, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** One TLS server behind any number of listening sockets, some of them in other network namespaces. */
export class Listener {
  private readonly tls: Http2SecureServer;
  private readonly servers: Server[] = [];
  private readonly sockets = new Set<Socket>();
  private readonly sessions = new Set<ServerHttp2Session>();

  constructor(options: ListenerOptions) {
    this.tls = createTlsServer(options);
    // A client that hangs up half-way is no news.
    this.tls.on('tlsClientError', (_error, socket) => socket.destroy());
    this.tls.on('sessionError', (_error, session) => session.destroy());
    this.tls.on('session', (session) => {
      this.sessions.add(session);
      session.once('close', () => this.sessions.delete(session));
    });
  }

  /** @throws the system's error: `EADDRINUSE` names the address that is taken. */
  async listen(address: ListenAddress): Promise<{ readonly port: number }> {
    const server = this.plainServer();
    await listening(server, address);
    return { port: (server.address() as AddressInfo).port };
  }

  /** Serves connections of a socket that listens already; owns the descriptor from here on. */
  async acceptFrom(fd: number): Promise<void> {
    await listening(this.plainServer(), { fd });
  }

  /** Cuts every connection and stops listening. */
  async close(): Promise<void> {
    const closed = this.servers.map(
      (server) => new Promise<void>((resolve) => server.close(() => resolve())),
    );
    for (const session of this.sessions) session.destroy();
    for (const socket of this.sockets) socket.destroy();
    await Promise.all(closed);
  }

  private plainServer(): Server {
    const server = createServer((socket) => {
      this.sockets.add(socket);
      socket.once('close', () => this.sockets.delete(socket));
      socket.on('error', () => socket.destroy());
      socket.setNoDelay(true);
      this.tls.emit('connection', socket);
    });
    this.servers.push(server);
    return server;
  }
}
