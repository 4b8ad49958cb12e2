import type { Duplex } from 'node:stream';
import {
  encodeFrame,
  type Frame,
  goAwayCodes,
  resetCodes,
  SETTINGS_INITIAL_WINDOW_SIZE,
} from './frames.ts';
import { FrameReader } from './frame-reader.ts';
import { decodeHeaderBlock, encodeHeaderBlock, type Headers } from './header-block.ts';
import { HeaderDeflater, HeaderInflater } from './header-compression.ts';
import { DEFAULT_WINDOW, SendWindow } from './send-window.ts';
import { SpdyError } from './spdy-error.ts';
import { SpdyStream, type StreamLink } from './stream.ts';

/** Unread bytes of all streams together at which the session stops reading, for peers that know no windows. */
const MAX_UNREAD_BYTES = 4 * 1024 * 1024;
/** Bytes waiting to be sent at which it stops too: answers to a peer that asks (PING) but does not listen. */
const MAX_UNSENT_BYTES = 4 * 1024 * 1024;
const MAX_STREAMS = 1000;
/** A write is what finds out that a peer is gone while the session is not reading. */
const HEARTBEAT_MS = 5000;
/** How long GOAWAY may take to leave. */
const LAST_WRITE_MS = 5000;

export interface SpdySessionOptions {
  /** A connection on which SPDY/3.1 was agreed; belongs to the session from now on. */
  readonly transport: Duplex;
  /** Bytes that came before. */
  readonly head?: Buffer;
  /** False refuses the stream (RST_STREAM REFUSED_STREAM). */
  accept(headers: Headers): boolean;
  onStream(stream: SpdyStream): void;
}

/**
 * The server's side of a SPDY/3.1 connection.
 *
 * Windows: this side grants them as the specification says. The client library of kubectl (spdystream) neither sends
 * WINDOW_UPDATE nor heeds it, so the peer's windows bind only once the peer has sent one (or its initial size), and a
 * peer that overruns its own is held back by the transport itself.
 */
export class SpdySession {
  /** Aborted when the connection is gone. */
  readonly signal: AbortSignal;
  private readonly options: SpdySessionOptions;
  private readonly transport: Duplex;
  private readonly reader = new FrameReader((frame) => this.handle(frame));
  private readonly inflater = new HeaderInflater();
  private readonly deflater = new HeaderDeflater();
  private readonly streams = new Map<number, SpdyStream>();
  private readonly gone = new AbortController();
  private readonly heartbeat: NodeJS.Timeout;
  private readonly window = new SendWindow();
  private readonly link: StreamLink;
  private initialWindow = DEFAULT_WINDOW;
  private hasPeerWindows = false;
  private unreadBytes = 0;
  private unacknowledged = 0;
  private lastStreamId = 0;

  constructor(options: SpdySessionOptions) {
    this.options = options;
    this.transport = options.transport;
    this.signal = this.gone.signal;
    this.link = this.makeLink();
    this.heartbeat = setInterval(() => this.send({ type: 'ping', id: 2 }), HEARTBEAT_MS).unref();
    this.transport.on('data', (chunk: Buffer) => this.receive(chunk));
    this.transport.on('drain', () => this.holdBack());
    this.transport.on('end', () => this.transport.destroy());
    // 'close' follows every error, and says all that the streams' owners can use.
    this.transport.on('error', () => this.abandon());
    this.transport.on('close', () => this.abandon());
    if (options.head !== undefined && options.head.length > 0) {
      this.receive(options.head);
    }
  }

  /** Resolves when the connection is gone. */
  async closed(): Promise<void> {
    if (!this.signal.aborted) {
      await new Promise<void>((resolve) => {
        this.signal.addEventListener('abort', () => resolve(), { once: true });
      });
    }
  }

  /** Says GOAWAY and closes the transport once all is written. */
  close(): void {
    this.leave(goAwayCodes.ok);
  }

  private makeLink(): StreamLink {
    return {
      send: (frame, done) => this.send(frame, done),
      claim: (window, wanted) => this.claim(window, wanted),
      consumed: (bytes) => {
        this.unreadBytes -= bytes;
        this.holdBack();
      },
      release: (stream) => this.streams.delete(stream.id),
    };
  }

  private receive(chunk: Buffer): void {
    if (this.signal.aborted) {
      return;
    }
    try {
      this.reader.push(chunk);
      this.holdBack();
    } catch (error) {
      if (!(error instanceof SpdyError)) {
        throw error;
      }
      this.abandon();
      this.leave(goAwayCodes.protocolError);
    }
  }

  private leave(status: number): void {
    this.send({ type: 'goAway', lastStreamId: this.lastStreamId, status });
    const destroy = (): unknown => this.transport.destroy();
    const timer = setTimeout(destroy, LAST_WRITE_MS).unref();
    this.transport.on('close', () => clearTimeout(timer));
    this.transport.end(destroy);
  }

  private abandon(): void {
    clearInterval(this.heartbeat);
    for (const stream of this.streams.values()) {
      stream.abandon();
    }
    this.gone.abort();
  }

  private send(frame: Frame, done?: (error?: Error | null) => void): void {
    if (this.transport.writable) {
      this.transport.write(encodeFrame(frame), done);
    } else {
      done?.(new Error('the SPDY connection is closed'));
    }
  }

  private handle(frame: Frame): void {
    switch (frame.type) {
      case 'synStream':
        return this.openStream(frame.streamId, frame.fin, this.headersOf(frame.block));
      case 'synReply':
      case 'headers':
        // This side opens no streams and reads no trailers; the block is part of the compressed stream all the same.
        this.headersOf(frame.block);
        return undefined;
      case 'data':
        return this.receiveData(frame.streamId, frame.payload, frame.fin);
      case 'rstStream':
        return this.streams.get(frame.streamId)?.abandon();
      case 'ping':
        return this.answerPing(frame);
      case 'settings':
        return this.applySettings(frame.values);
      case 'windowUpdate':
        return this.growWindow(frame.streamId, frame.delta);
      case 'goAway':
        // The peer opens no more streams; those that are open go on until it closes the connection.
        return undefined;
      default:
        return undefined;
    }
  }

  private headersOf(block: Buffer): Headers {
    return decodeHeaderBlock(this.inflater.inflate(block));
  }

  private openStream(id: number, fin: boolean, headers: Headers): void {
    if (id % 2 === 0 || id <= this.lastStreamId) {
      throw new SpdyError(`stream ${id} opened after stream ${this.lastStreamId}`);
    }
    this.lastStreamId = id;
    if (this.streams.size >= MAX_STREAMS || !this.options.accept(headers)) {
      this.send({ type: 'rstStream', streamId: id, status: resetCodes.refusedStream });
      return;
    }
    const window = new SendWindow(this.initialWindow);
    const stream = new SpdyStream({ id, headers, link: this.link, window });
    this.streams.set(id, stream);
    const block = this.deflater.deflate(encodeHeaderBlock(new Map()));
    this.send({ type: 'synReply', streamId: id, fin: false, block });
    this.options.onStream(stream);
    if (fin) {
      stream.receive(Buffer.alloc(0), true);
    }
  }

  private receiveData(id: number, payload: Buffer, fin: boolean): void {
    this.acknowledge(payload.length);
    const stream = this.streams.get(id);
    if (stream === undefined || stream.isPeerDone) {
      this.refuseData(id, stream);
      return;
    }
    this.unreadBytes += payload.length;
    stream.receive(payload, fin);
  }

  private refuseData(id: number, stream: SpdyStream | undefined): void {
    if (id === 0 || id > this.lastStreamId) {
      throw new SpdyError(`data for stream ${id}, which was never opened`);
    }
    // Data that crossed a reset of ours is no error, data after FIN is.
    if (stream !== undefined && !stream.destroyed) {
      this.send({ type: 'rstStream', streamId: id, status: resetCodes.streamAlreadyClosed });
      stream.abandon();
    }
  }

  /** Streams bound the memory; the session's own window (3.1) only must not run dry. */
  private acknowledge(bytes: number): void {
    this.unacknowledged += bytes;
    if (this.unacknowledged >= DEFAULT_WINDOW / 2) {
      this.send({ type: 'windowUpdate', streamId: 0, delta: this.unacknowledged });
      this.unacknowledged = 0;
    }
  }

  private holdBack(): void {
    const unsentBytes = this.transport.writableLength;
    if (this.unreadBytes > MAX_UNREAD_BYTES || unsentBytes > MAX_UNSENT_BYTES) {
      this.transport.pause();
    } else if (this.unreadBytes <= MAX_UNREAD_BYTES / 2 && !this.transport.writableNeedDrain) {
      this.transport.resume();
    }
  }

  private answerPing(frame: Frame & { type: 'ping' }): void {
    // Odd ids are the client's own; even ones are answers to ours.
    if (frame.id % 2 === 1) {
      this.send(frame);
    }
  }

  private applySettings(values: ReadonlyMap<number, number>): void {
    const size = values.get(SETTINGS_INITIAL_WINDOW_SIZE);
    if (size === undefined) {
      return;
    }
    const change = size - this.initialWindow;
    this.initialWindow = size;
    this.hasPeerWindows = true;
    for (const stream of this.streams.values()) {
      this.growStream(stream, change);
    }
  }

  private growWindow(id: number, delta: number): void {
    this.hasPeerWindows = true;
    if (id !== 0) {
      const stream = this.streams.get(id);
      return stream === undefined ? undefined : this.growStream(stream, delta);
    }
    if (!this.window.grow(delta)) {
      throw new SpdyError('the session window has overflowed');
    }
    for (const stream of this.streams.values()) {
      stream.flush();
    }
  }

  private growStream(stream: SpdyStream, delta: number): void {
    if (stream.growWindow(delta)) {
      stream.flush();
      return;
    }
    this.send({ type: 'rstStream', streamId: stream.id, status: resetCodes.flowControlError });
    stream.abandon();
  }

  private claim(window: SendWindow, wanted: number): number {
    const allowed = Math.min(window.available, this.window.available);
    const claimed = this.hasPeerWindows ? Math.min(wanted, allowed) : wanted;
    window.spend(claimed);
    this.window.spend(claimed);
    return claimed;
  }
}
