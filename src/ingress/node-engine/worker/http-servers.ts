import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createSecureServer, type Http2SecureServer, type ServerHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { SecureContext, TLSSocket } from 'node:tls';
import type { Certificate } from '../../../routes/index.ts';

/** Headers have to be there within this time: a slow client holds a connection, not the server. */
const HEADERS_MS = 30_000;
/** Idle connections of clients, as ingress-nginx keeps them. */
const IDLE_MS = 75_000;
const LONGEST_HEADERS = 32 * 1024;

/** Most requests have no body, and need no stream that says so. */
const options = { maxHeaderSize: LONGEST_HEADERS, optimizeEmptyRequests: true } as const;

export interface HttpHandlers {
  readonly onRequest: (request: IncomingMessage, response: ServerResponse) => void;
  readonly onUpgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
}

function configure(server: Server): void {
  server.keepAliveTimeout = IDLE_MS;
  server.headersTimeout = HEADERS_MS;
  // Long uploads are no fault; headers have their own limit.
  server.requestTimeout = 0;
}

/** HTTP/1.1 in clear; connections are handed to it, it listens nowhere. */
export function plainServer({ onRequest, onUpgrade }: HttpHandlers): Server {
  const server = createServer(options, onRequest);
  configure(server);
  server.on('upgrade', onUpgrade);
  return server;
}

export interface SecureOptions {
  readonly fallback: Certificate;
  readonly asksForCertificate: boolean;
  readonly contextFor: (name: string) => SecureContext;
}

/** HTTP/2 and HTTP/1.1 over TLS, by ALPN. */
export class SecureServer {
  readonly server: Http2SecureServer;
  private readonly sessions = new Set<ServerHttp2Session>();

  constructor({ onRequest, onUpgrade }: HttpHandlers, options: SecureOptions) {
    const { fallback, asksForCertificate, contextFor } = options;
    this.server = createSecureServer({
      allowHTTP1: true,
      minVersion: 'TLSv1.2',
      cert: fallback.chain,
      key: fallback.key,
      requestCert: asksForCertificate,
      // Whether a certificate is good enough is the site's to say, in words that HTTP has.
      rejectUnauthorized: false,
      settings: { maxHeaderListSize: LONGEST_HEADERS },
      SNICallback: (name, done) => {
        try {
          done(null, contextFor(name));
        } catch (error) {
          done(error as Error);
        }
      },
    });
    // Node's compatible API: made to be what HTTP/1.1 has.
    this.server.on('request', onRequest as never);
    this.server.on('upgrade', onUpgrade);
    this.server.on('session', (session) => {
      this.sessions.add(session);
      session.once('close', () => this.sessions.delete(session));
    });
    // A handshake that fails has been closed already; there is nobody to tell.
    this.server.on('tlsClientError', () => {});
    this.server.on('sessionError', () => {});
  }

  take(socket: Socket): void {
    this.server.emit('connection', socket);
  }

  replaceFallback({ chain, key }: Certificate): void {
    this.server.setSecureContext({ cert: chain, key, minVersion: 'TLSv1.2' });
  }

  /** Tells HTTP/2 clients to go elsewhere; what is under way goes on. */
  drain(): void {
    for (const session of this.sessions) session.close();
  }
}

/** The name a TLS connection was opened for. */
export function sniOf(request: IncomingMessage): string | undefined {
  const { servername } = request.socket as Partial<TLSSocket>;
  return typeof servername === 'string' ? servername : undefined;
}
