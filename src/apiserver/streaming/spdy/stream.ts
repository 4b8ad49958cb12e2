import { Duplex } from 'node:stream';
import type { Frame } from './frames.ts';
import type { Headers } from './header-block.ts';
import { resetCodes } from './frames.ts';
import { DEFAULT_WINDOW, type SendWindow } from './send-window.ts';

type Done = (error?: Error | null) => void;

/** Small enough that streams of one session take turns, large enough that headers cost nothing. */
const MAX_DATA_BYTES = 32 * 1024;

/** What a stream asks of its session. */
export interface StreamLink {
  send(frame: Frame, done?: Done): void;
  /** How many bytes the stream may send now, of the peer's two windows; spends them. */
  claim(window: SendWindow, wanted: number): number;
  /** Bytes that came from the network and were now handed to the reader. */
  consumed(bytes: number): void;
  /** The stream is over in both directions. */
  release(stream: SpdyStream): void;
}

export interface StreamOptions {
  readonly id: number;
  /** Of the SYN_STREAM; names in lower case. */
  readonly headers: Headers;
  readonly link: StreamLink;
  readonly window: SendWindow;
}

/**
 * One SPDY stream. `end()` sends FIN and leaves the other direction open, `destroy()` sends RST_STREAM. When the peer
 * resets the stream or the connection goes, it is destroyed without an error: writes then fail, reads just stop.
 */
export class SpdyStream extends Duplex {
  readonly id: number;
  readonly headers: Headers;
  private readonly link: StreamLink;
  private readonly window: SendWindow;
  /** Received but not yet read, within the window that the peer was given. */
  private readonly inbound: Buffer[] = [];
  private inboundBytes = 0;
  private unacknowledged = 0;
  private isReading = false;
  private hasPeerEnded = false;
  private hasEnded = false;
  private isReset = false;
  private outbound: { rest: Buffer; readonly done: Done } | undefined;

  constructor(options: StreamOptions) {
    super({ allowHalfOpen: true });
    this.id = options.id;
    this.headers = options.headers;
    this.link = options.link;
    this.window = options.window;
  }

  /** Takes a piece of a data frame. */
  receive(payload: Buffer, fin: boolean): void {
    if (payload.length > 0) {
      this.inbound.push(payload);
      this.inboundBytes += payload.length;
    }
    this.hasPeerEnded ||= fin;
    this.drain();
  }

  /** True when the peer may not send anything more on this stream. */
  get isPeerDone(): boolean {
    return this.hasPeerEnded || this.destroyed;
  }

  /** Takes a WINDOW_UPDATE; false when the window overflows. */
  growWindow(bytes: number): boolean {
    return this.window.grow(bytes);
  }

  /** The peer is done with the stream, or the connection is gone: nothing more is sent. */
  abandon(): void {
    this.isReset = true;
    this.destroy();
  }

  /** Goes on sending after a window has grown. */
  flush(): void {
    while (this.outbound !== undefined) {
      const { rest, done } = this.outbound;
      const allowed = this.link.claim(this.window, Math.min(rest.length, MAX_DATA_BYTES));
      if (allowed === 0) {
        return;
      }
      this.outbound = allowed === rest.length ? undefined : { rest: rest.subarray(allowed), done };
      const payload = rest.subarray(0, allowed);
      const frame: Frame = { type: 'data', streamId: this.id, fin: false, payload };
      this.link.send(frame, this.outbound === undefined ? this.orAbandon(done) : undefined);
    }
  }

  /** A write that fails means that the connection is gone, which is the writer's to know but no error of the stream. */
  private orAbandon(done: Done): Done {
    return (error) => {
      if (error) {
        this.abandon();
      }
      done(error);
    };
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: Done): void {
    if (chunk.length === 0) {
      done();
      return;
    }
    this.outbound = { rest: chunk, done };
    this.flush();
  }

  override _final(done: Done): void {
    this.hasEnded = true;
    const frame: Frame = { type: 'data', streamId: this.id, fin: true, payload: Buffer.alloc(0) };
    this.link.send(frame, this.orAbandon(done));
  }

  override _read(): void {
    this.isReading = true;
    this.drain();
  }

  override _destroy(error: Error | null, done: Done): void {
    const isOver = this.hasEnded && this.hasPeerEnded;
    if (!this.isReset && !isOver) {
      this.link.send({ type: 'rstStream', streamId: this.id, status: resetCodes.cancel });
    }
    this.link.consumed(this.inboundBytes);
    this.inboundBytes = 0;
    this.inbound.length = 0;
    this.link.release(this);
    const unsent = this.outbound;
    this.outbound = undefined;
    unsent?.done(error ?? new Error(`SPDY stream ${this.id} was closed before all was written`));
    done(error);
  }

  private drain(): void {
    while (this.isReading) {
      const chunk = this.inbound.shift();
      if (chunk === undefined) {
        break;
      }
      this.inboundBytes -= chunk.length;
      this.isReading = this.push(chunk);
      this.acknowledge(chunk.length);
    }
    if (this.hasPeerEnded && this.inbound.length === 0) {
      this.push(null);
    }
  }

  /** Gives read bytes back to the peer's window, in large steps. */
  private acknowledge(bytes: number): void {
    this.link.consumed(bytes);
    this.unacknowledged += bytes;
    if (this.unacknowledged >= DEFAULT_WINDOW / 2 && !this.hasPeerEnded) {
      this.link.send({ type: 'windowUpdate', streamId: this.id, delta: this.unacknowledged });
      this.unacknowledged = 0;
    }
  }
}
