import { once } from 'node:events';
import { type Duplex, duplexPair } from 'node:stream';
import { encodeFrame, type Frame } from '../frames.ts';
import { FrameReader } from '../frame-reader.ts';
import { encodeHeaderBlock } from '../header-block.ts';
import { HeaderDeflater } from '../header-compression.ts';

/** The client's end of a connection in memory: sends frames as they are given, and keeps those it receives. */
export class SpdyPeer {
  readonly transport: Duplex;
  /** The other end, for the server. */
  readonly far: Duplex;
  private readonly received: Frame[] = [];
  private readonly deflater = new HeaderDeflater();

  constructor() {
    [this.transport, this.far] = duplexPair();
    const reader = new FrameReader((frame) => this.received.push(frame));
    this.transport.on('data', (chunk: Buffer) => reader.push(chunk));
    this.transport.on('error', () => undefined);
  }

  send(frame: Frame): void {
    this.transport.write(encodeFrame(frame));
  }

  sendBytes(bytes: Buffer): void {
    this.transport.write(bytes);
  }

  open(streamId: number, headers: Readonly<Record<string, string>> = {}): void {
    const block = this.deflater.deflate(encodeHeaderBlock(new Map(Object.entries(headers))));
    this.send({ type: 'synStream', streamId, fin: false, block });
  }

  data(streamId: number, payload: string | Buffer, fin = false): void {
    this.send({ type: 'data', streamId, fin, payload: Buffer.from(payload) });
  }

  /** Resolves when everything sent so far was handled, with the frames received since the last call. */
  async exchange(): Promise<Frame[]> {
    const id = 0x7fff_ffff;
    this.send({ type: 'ping', id });
    while (!this.received.some((frame) => frame.type === 'ping' && frame.id === id)) {
      await once(this.transport, 'data');
    }
    return this.received.splice(0).filter((frame) => frame.type !== 'ping' || frame.id !== id);
  }

  /** The frames received since they were last asked for. */
  taken(): Frame[] {
    return this.received.splice(0);
  }
}
