import { Fault } from '../../../fault/index.ts';

/** The peer broke the protocol; the session cannot go on. */
export class SpdyError extends Fault {
  constructor(message: string, cause?: unknown) {
    super({
      code: 'SPDY_PROTOCOL_ERROR',
      message: `SPDY/3.1: ${message}`,
      advice: 'Use a current kubectl, which speaks WebSocket.',
      ...(cause === undefined ? {} : { cause }),
    });
    this.name = 'SpdyError';
  }
}
