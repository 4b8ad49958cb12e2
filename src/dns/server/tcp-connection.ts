import type { Socket } from 'node:net';
import type { CancelTimer, Clock } from '../../clock/index.ts';
import type { DnsEngine } from './engine.ts';
import type { Peer } from './peer.ts';

export interface TcpConnectionOptions {
  readonly socket: Socket;
  readonly peer: Peer;
  readonly engine: DnsEngine;
  readonly clock: Clock;
}

/** A connection that brings no whole message for so long is closed: idle, or fed byte by byte (RFC 7766 section 6.2.3). */
const MESSAGE_TIMEOUT_MS = 10_000;
/** Questions of one connection under way; more are read when some are answered. */
const MAX_UNDER_WAY = 32;
/** Answers that the client does not read; no more questions are read meanwhile. */
const MAX_UNREAD = 256 * 1024;
const LENGTH_BYTES = 2;

/** One TCP client: length-prefixed messages, any number of them in flight, answers as they come (RFC 7766). */
export class TcpConnection {
  private readonly options: TcpConnectionOptions;
  private received: Buffer = Buffer.alloc(0);
  private underWay = 0;
  private hasEnded = false;
  private cancelTimer: CancelTimer = () => undefined;

  constructor(options: TcpConnectionOptions) {
    this.options = options;
    const { socket } = options;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.receive(chunk));
    socket.on('drain', () => this.work());
    socket.on('end', () => this.end());
    // Resets are the client's affair; 'close' follows.
    socket.on('error', () => undefined);
    socket.on('close', () => this.cancelTimer());
    this.expectMessage();
  }

  /** The time for a message runs from the last whole one: bytes alone buy none. */
  private expectMessage(): void {
    this.cancelTimer();
    const { clock, socket } = this.options;
    this.cancelTimer = clock.setTimer(MESSAGE_TIMEOUT_MS, () => {
      if (this.underWay > 0) this.expectMessage();
      else socket.destroy();
    });
  }

  private receive(chunk: Buffer): void {
    this.received = this.received.length === 0 ? chunk : Buffer.concat([this.received, chunk]);
    this.work();
  }

  private get isBusy(): boolean {
    return this.underWay >= MAX_UNDER_WAY || this.options.socket.writableLength > MAX_UNREAD;
  }

  /** Takes whole messages out of what was received, as many as may be under way. */
  private work(): void {
    const { socket } = this.options;
    while (!this.isBusy && this.received.length >= LENGTH_BYTES) {
      const end = LENGTH_BYTES + this.received.readUInt16BE(0);
      if (this.received.length < end) break;
      const message = this.received.subarray(LENGTH_BYTES, end);
      this.received = this.received.subarray(end);
      this.expectMessage();
      void this.answer(message);
    }
    if (this.isBusy) socket.pause();
    else socket.resume();
    this.endIfDone();
  }

  private async answer(message: Buffer): Promise<void> {
    const { engine, peer, socket } = this.options;
    this.underWay += 1;
    const response = await engine.handle(message, peer);
    this.underWay -= 1;
    // Who sends what deserves no answer over TCP has lost the thread.
    if (response === undefined) socket.destroy();
    else if (socket.writable) {
      const length = Buffer.alloc(LENGTH_BYTES);
      length.writeUInt16BE(response.length);
      socket.write(Buffer.concat([length, response]));
    }
    if (!socket.destroyed) this.work();
  }

  private end(): void {
    this.hasEnded = true;
    this.endIfDone();
  }

  /** The client sends no more: what it asked is answered still. */
  private endIfDone(): void {
    if (this.hasEnded && this.underWay === 0) this.options.socket.end();
  }
}
