import type { IncomingHttpHeaders } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { Dispatcher } from 'undici';
import { ResponseParser, type ResponseSink } from './response-parser.ts';

/** Whom connections lead to, and how long each step may take, in milliseconds. */
export interface PlainPlace {
  readonly host: string;
  readonly port: number;
  readonly connectMs: number;
  /** Between two reads; 0 is without end. */
  readonly readMs: number;
}

/** What may be asked of the owner of a connection. */
export interface ConnectionOwner {
  /** It can carry the next request. */
  readonly onFree: (connection: PlainConnection) => void;
  readonly onClosed: (connection: PlainConnection) => void;
}

/** Connections that carry nothing are closed before most servers (5 s in Node, 75 s in nginx) would close them. */
export const KEEP_ALIVE_MS = 4000;
/** An upstream that says how long it waits is believed, less this. */
const KEEP_ALIVE_MARGIN_MS = 1000;

/** An upstream that could not be heard out; codes that the system's errors do not have. */
export class UpstreamError extends Error {
  readonly code: 'UPSTREAM_CONNECT_TIMEOUT' | 'UPSTREAM_TIMEOUT' | 'UPSTREAM_CLOSED';

  constructor(code: UpstreamError['code']) {
    super(code.toLowerCase().replaceAll('_', ' '));
    this.code = code;
  }
}

/** How a connection ends that the upstream closed, before or while it was written to. */
const closed = new Set(['ECONNRESET', 'EPIPE', 'UPSTREAM_CLOSED']);

/** One request under way. What is asked of it once it is over concerns the connection's next request not at all. */
class Call implements Dispatcher.DispatchController, ResponseSink {
  aborted = false;
  paused = false;
  reason: Error | null = null;
  readonly handler: Dispatcher.DispatchHandler;
  readonly parser: ResponseParser;
  /** Whether the upstream has said anything to it. */
  isHeard = false;
  private readonly connection: PlainConnection;
  private readonly sendAgain: (() => void) | undefined;

  constructor(connection: PlainConnection, { handler, sendAgain }: Errand) {
    this.connection = connection;
    this.handler = handler;
    this.sendAgain = sendAgain;
    this.parser = new ResponseParser(this);
  }

  /** Tells the handler, unless the request can go another way that it need not know of. */
  failed(error: Error): void {
    const { code = '' } = error as NodeJS.ErrnoException;
    const isStale = !this.isHeard && !this.aborted && closed.has(code);
    if (isStale && this.sendAgain !== undefined) this.sendAgain();
    else this.handler.onResponseError?.(this, error);
  }

  abort(reason: Error): void {
    if (!this.connection.carries(this)) return;
    this.aborted = true;
    this.reason = reason;
    this.connection.fail(reason);
  }

  pause(): void {
    if (!this.connection.carries(this)) return;
    this.paused = true;
    this.connection.pause();
  }

  resume(): void {
    if (!this.paused || !this.connection.carries(this)) return;
    this.paused = false;
    this.connection.resume();
  }

  onHead(status: number, headers: IncomingHttpHeaders, message: string): void {
    this.connection.heed(headers['keep-alive']);
    this.handler.onResponseStart?.(this, status, headers, message);
  }

  onBody(piece: Buffer): void {
    if (this.connection.carries(this)) this.handler.onResponseData?.(this, piece);
  }

  onEnd(trailers: IncomingHttpHeaders): void {
    if (!this.connection.carries(this)) return;
    this.connection.release(this);
    this.handler.onResponseEnd?.(this, trailers);
  }
}

/** A request for a connection. */
interface Errand {
  /** The request's head, as it stands on the wire. */
  readonly head: string;
  readonly handler: Dispatcher.DispatchHandler;
  /**
   * Another way, for a connection that has been used before: the upstream may have closed it while the request was on its
   * way. What gets no byte of an answer then was not begun, as nginx and Go's http.Transport take it, too.
   */
  readonly sendAgain?: () => void;
}

/** A connection in clear that carries one request after the other. */
export class PlainConnection {
  private readonly place: PlainPlace;
  private readonly owner: ConnectionOwner;
  private readonly socket: Socket;
  private call: Call | undefined;
  private keepAliveMs = KEEP_ALIVE_MS;
  private idleUntil = 0;

  constructor(place: PlainPlace, owner: ConnectionOwner) {
    this.place = place;
    this.owner = owner;
    const { host, port, connectMs, readMs } = place;
    this.socket = connect({ host, port, noDelay: true });
    this.socket.setTimeout(connectMs);
    this.socket.once('connect', () => this.socket.setTimeout(readMs));
    this.socket.on('data', (piece: Buffer) => this.hear(piece));
    this.socket.on('timeout', () => this.waitedTooLong());
    this.socket.once('end', () => {
      if (this.call?.parser.end() === false) this.fail(new UpstreamError('UPSTREAM_CLOSED'));
    });
    this.socket.on('error', (error) => this.fail(error));
    this.socket.once('close', () => {
      this.fail(new UpstreamError('UPSTREAM_CLOSED'));
      owner.onClosed(this);
    });
  }

  /** Sends a request's head and tells the handler what comes of it. */
  send(errand: Errand): void {
    const call = new Call(this, errand);
    this.call = call;
    errand.handler.onRequestStart?.(call, undefined);
    if (this.carries(call)) this.socket.write(errand.head, 'latin1');
  }

  carries(call: Call): boolean {
    return this.call === call;
  }

  private hear(piece: Buffer): void {
    // What nobody asked for is the beginning of no answer.
    if (this.call === undefined) {
      this.destroy();
      return;
    }
    this.call.isHeard = true;
    try {
      this.call.parser.feed(piece);
    } catch (error) {
      // No answer, or one that cannot be passed on.
      this.fail(error as Error);
    }
  }

  private waitedTooLong(): void {
    // While a slow client is waited for, the upstream is not.
    if (this.call?.paused === true) return;
    const code = this.socket.connecting ? 'UPSTREAM_CONNECT_TIMEOUT' : 'UPSTREAM_TIMEOUT';
    this.fail(new UpstreamError(code));
    this.destroy();
  }

  /** Ends the connection, and tells whoever waits for it. */
  fail(error: Error): void {
    const { call } = this;
    if (call === undefined) return;
    this.call = undefined;
    this.destroy();
    call.failed(error);
  }

  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
    this.socket.setTimeout(this.place.readMs);
  }

  /** How long the upstream keeps it, where it says so: `Keep-Alive: timeout=5`. */
  heed(keepAlive: unknown): void {
    const said = typeof keepAlive === 'string' ? /timeout=(\d+)/u.exec(keepAlive)?.[1] : undefined;
    if (said === undefined) return;
    this.keepAliveMs = Math.min(KEEP_ALIVE_MS, Number(said) * 1000 - KEEP_ALIVE_MARGIN_MS);
  }

  /** The answer is whole: the connection is free for the next, or ends. */
  release({ parser, paused }: Call): void {
    this.call = undefined;
    if (!parser.isReusable || this.keepAliveMs <= 0) {
      this.destroy();
      return;
    }
    if (paused) this.resume();
    this.idleUntil = performance.now() + this.keepAliveMs;
    this.owner.onFree(this);
  }

  /** True while the upstream can be believed to keep it. */
  isFresh(now: number): boolean {
    return now < this.idleUntil && !this.socket.destroyed && this.socket.writable;
  }

  destroy(): void {
    this.socket.destroy();
  }
}
