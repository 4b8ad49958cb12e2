import { constants } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createSecureServer, type Http2SecureServer, type ServerHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';
import { hasBody } from './body.ts';
import type { Duplex } from 'node:stream';
import type { SecureContext, TLSSocket } from 'node:tls';
import type { Certificate } from '../../../routes/index.ts';

/** Headers have to be there within this time: a slow client holds a connection, not the server. */
const HEADERS_MS = 30_000;
/** Idle connections of clients, as ingress-nginx keeps them. */
const IDLE_MS = 75_000;
const LONGEST_HEADERS = 32 * 1024;
/** How often it is looked for heads that take too long. */
const CHECK_MS = 1000;
/** Streams of one HTTP/2 connection at a time, as in nginx; Node would not limit them. */
const MOST_STREAMS = 128;

/** Most requests have no body, and need no stream that says so. */
const parserOptions = { maxHeaderSize: LONGEST_HEADERS, optimizeEmptyRequests: true } as const;

export interface HttpHandlers {
  readonly onRequest: (request: IncomingMessage, response: ServerResponse) => void;
  readonly onUpgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
}

/**
 * Other protocols are for requests without a body, and never HTTP/2: behind its first request there would be others that
 * no rule sees. Where it is not taken, an upgrade is a request as any other (RFC 9110 section 7.8).
 */
function shouldUpgrade(request: IncomingMessage): boolean {
  const isHttp2 = /(?:^|,)\s*h2c?\s*(?:,|$)/iu.test(request.headers.upgrade ?? '');
  return !isHttp2 && !hasBody(request);
}

/** What both kinds of server do for HTTP/1.1. They listen nowhere, so that nothing else starts the clock for slow heads. */
function configure(server: Server | Http2SecureServer): void {
  Object.assign(server, {
    keepAliveTimeout: IDLE_MS,
    headersTimeout: HEADERS_MS,
    // Long uploads are no fault: bodies have a limit between two reads.
    requestTimeout: 0,
    connectionsCheckingInterval: CHECK_MS,
    shouldUpgradeCallback: shouldUpgrade,
  });
  server.emit('listening');
}

/** HTTP/1.1 in clear; connections are handed to it, it listens nowhere. */
export function plainServer({ onRequest, onUpgrade }: HttpHandlers): Server {
  const server = createServer(parserOptions, onRequest);
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
      ...parserOptions,
      allowHTTP1: true,
      handshakeTimeout: HEADERS_MS,
      minVersion: 'TLSv1.2',
      cert: fallback.chain,
      key: fallback.key,
      requestCert: asksForCertificate,
      // Whether a certificate is good enough is the site's to say, in words that HTTP has.
      rejectUnauthorized: false,
      // A ticket would keep what was thought of a certificate when an authority is no longer trusted (CVE-2025-23419).
      secureOptions: asksForCertificate ? constants.SSL_OP_NO_TICKET : undefined,
      settings: { maxHeaderListSize: LONGEST_HEADERS, maxConcurrentStreams: MOST_STREAMS },
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
    configure(this.server);
    this.server.on('session', (session) => this.keep(session));
    // A handshake that fails has been closed already; there is nobody to tell.
    this.server.on('tlsClientError', () => {});
    this.server.on('sessionError', () => {});
  }

  /** An HTTP/2 connection without streams is idle, and is closed like one of HTTP/1.1. */
  private keep(session: ServerHttp2Session): void {
    let streams = 0;
    this.sessions.add(session);
    session.once('close', () => this.sessions.delete(session));
    session.on('stream', (stream) => {
      streams += 1;
      stream.once('close', () => {
        streams -= 1;
      });
    });
    session.setTimeout(IDLE_MS, () => {
      if (streams === 0) session.close();
    });
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
