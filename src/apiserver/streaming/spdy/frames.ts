/**
 * The frames of SPDY/3.1 (draft-mbelshe-httpbis-spdy-00 and the 3.1 change of session flow control).
 *
 *     control  |1| version 15 | type 16 | flags 8 | length 24 | body
 *     data     |0| stream id 31         | flags 8 | length 24 | payload
 */
export type Frame =
  | {
      readonly type: 'synStream';
      readonly streamId: number;
      readonly fin: boolean;
      readonly block: Buffer;
    }
  | {
      readonly type: 'synReply';
      readonly streamId: number;
      readonly fin: boolean;
      readonly block: Buffer;
    }
  | {
      readonly type: 'headers';
      readonly streamId: number;
      readonly fin: boolean;
      readonly block: Buffer;
    }
  | { readonly type: 'rstStream'; readonly streamId: number; readonly status: number }
  | { readonly type: 'settings'; readonly values: ReadonlyMap<number, number> }
  | { readonly type: 'ping'; readonly id: number }
  | { readonly type: 'goAway'; readonly lastStreamId: number; readonly status: number }
  | { readonly type: 'windowUpdate'; readonly streamId: number; readonly delta: number }
  /** A piece of a data frame, as it arrived; `fin` comes with the last piece only. */
  | {
      readonly type: 'data';
      readonly streamId: number;
      readonly fin: boolean;
      readonly payload: Buffer;
    };

export const VERSION = 3;
export const HEADER_BYTES = 8;
export const CONTROL_BIT = 0x8000;
export const FLAG_FIN = 0x01;

/** Type numbers of the control frames. */
export const controlTypes = {
  synStream: 1,
  synReply: 2,
  rstStream: 3,
  settings: 4,
  ping: 6,
  goAway: 7,
  headers: 8,
  windowUpdate: 9,
} as const;

/** RST_STREAM status codes (2.6.3). */
export const resetCodes = {
  protocolError: 1,
  invalidStream: 2,
  refusedStream: 3,
  cancel: 5,
  internalError: 6,
  flowControlError: 7,
  streamAlreadyClosed: 9,
} as const;

/** GOAWAY status codes (2.6.6). */
export const goAwayCodes = { ok: 0, protocolError: 1, internalError: 2 } as const;

/** SETTINGS id of the window that every new stream starts with (2.6.4). */
export const SETTINGS_INITIAL_WINDOW_SIZE = 7;

export function encodeFrame(frame: Frame): Buffer {
  switch (frame.type) {
    case 'synStream':
      // Associated stream, priority and slot are zero.
      return control(frame, words(frame.streamId, 0), Buffer.alloc(2), frame.block);
    case 'synReply':
    case 'headers':
      return control(frame, words(frame.streamId), frame.block);
    case 'rstStream':
      return control(frame, words(frame.streamId, frame.status));
    case 'settings': {
      const entries = [...frame.values].flatMap(([id, value]) => [id, value]);
      return control(frame, words(frame.values.size, ...entries));
    }
    case 'ping':
      return control(frame, words(frame.id));
    case 'goAway':
      return control(frame, words(frame.lastStreamId, frame.status));
    case 'windowUpdate':
      return control(frame, words(frame.streamId, frame.delta));
    case 'data': {
      const head = words(frame.streamId, lengthAndFlags(frame.payload.length, frame.fin));
      return Buffer.concat([head, frame.payload]);
    }
    default:
      return unknownFrame(frame);
  }
}

type ControlFrame = Exclude<Frame, { type: 'data' }>;

function control(frame: ControlFrame, ...body: Buffer[]): Buffer {
  const length = body.reduce((sum, part) => sum + part.length, 0);
  const head = words(0, lengthAndFlags(length, 'fin' in frame && frame.fin));
  head.writeUInt16BE(CONTROL_BIT | VERSION, 0);
  head.writeUInt16BE(controlTypes[frame.type], 2);
  return Buffer.concat([head, ...body]);
}

function lengthAndFlags(length: number, fin: boolean): number {
  return (fin ? FLAG_FIN * 2 ** 24 : 0) + length;
}

function words(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) {
    bytes.writeUInt32BE(value, index * 4);
  }
  return bytes;
}

function unknownFrame(frame: never): never {
  throw new TypeError(`no such frame: ${JSON.stringify(frame)}`);
}
