import { SpdySession, type SpdySessionOptions } from '../session.ts';
import type { SpdyStream } from '../stream.ts';
import { SpdyPeer } from './peer.ts';

/** A client with a session of its own at the other end. */
export class TestClient extends SpdyPeer {
  readonly session: SpdySession;
  /** As the server saw them open. */
  readonly streams: SpdyStream[] = [];

  constructor(options: Partial<SpdySessionOptions> = {}) {
    super();
    this.session = new SpdySession({
      transport: this.far,
      accept: () => true,
      onStream: (stream) => this.streams.push(stream),
      ...options,
    });
  }
}
