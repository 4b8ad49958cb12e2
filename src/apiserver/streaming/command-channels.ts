import type { Readable, Writable } from 'node:stream';
import type { StatusFormat } from './stream-status.ts';

/** The channels of one exec or attach, whatever protocol carries them. */
export interface CommandChannels {
  readonly stdin?: Readable;
  readonly stdout?: Writable;
  readonly stderr?: Writable;
  /** With a terminal: sizes as JSON. */
  readonly resize?: Readable;
  readonly error: Writable;
  readonly statusFormat: StatusFormat;
  /** Aborted when the client went away. */
  readonly signal: AbortSignal;
  /** Ends the connection after all that was written has reached the client; resolves when it is over. */
  finish(): Promise<void>;
}
