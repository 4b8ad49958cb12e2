import { once } from 'node:events';
import { type Duplex, duplexPair } from 'node:stream';
import { encodeFrame, type Frame } from '../frames.ts';
import { FrameReader } from '../frame-reader.ts';
import { encodeHeaderBlock } from '../header-block.ts';
import { HeaderDeflater } from '../header-compression.ts';
import { SpdySession, type SpdySessionOptions } from '../session.ts';
import type { SpdyStream } from '../stream.ts';

/** The client's end of a session in memory: sends frames as they are given, and keeps those it receives. */
export class TestClient {
  readonly session: SpdySession;
  /** As the server saw them open. */
  readonly streams: SpdyStream[] = [];
  readonly transport: Duplex;
  private readonly received: Frame[] = [];
  private readonly deflater = new HeaderDeflater();

  constructor(options: Partial<SpdySessionOptions> = {}) {
    const [client, server] = duplexPair();
    this.transport = client;
    const reader = new FrameReader((frame) => this.received.push(frame));
    client.on('data', (chunk: Buffer) => reader.push(chunk));
    client.on('error', () => undefined);
    this.session = new SpdySession({
      transport: server,
      accept: () => true,
      onStream: (stream) => this.streams.push(stream),
      ...options,
    });
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
