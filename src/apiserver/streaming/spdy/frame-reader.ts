import {
  CONTROL_BIT,
  controlTypes,
  FLAG_FIN,
  type Frame,
  HEADER_BYTES,
  VERSION,
} from './frames.ts';
import { SpdyError } from './spdy-error.ts';

/** No control frame of a sane peer is larger: a header block of 64 KiB would be refused after inflating anyway. */
const MAX_CONTROL_BYTES = 64 * 1024;
const ID_MASK = 0x7fffffff;
/** SETTINGS keeps flags in the upper 8 bits of each id. */
const SETTINGS_ID_MASK = 0xffffff;

/** A data frame of which `left` bytes have not arrived yet. */
interface PartialData {
  readonly streamId: number;
  readonly fin: boolean;
  readonly left: number;
}

/**
 * Cuts a byte stream into frames. Holds at most one control frame; a data frame leaves in the pieces in which it
 * arrives, so that its size (up to 16 MiB) costs no memory.
 */
export class FrameReader {
  private readonly emit: (frame: Frame) => void;
  private pending: Buffer = Buffer.alloc(0);
  private data: PartialData | undefined;

  constructor(emit: (frame: Frame) => void) {
    this.emit = emit;
  }

  /** @throws SpdyError at the first malformed frame; the reader is then of no further use. */
  push(chunk: Buffer): void {
    let rest = this.pending.length === 0 ? chunk : Buffer.concat([this.pending, chunk]);
    for (;;) {
      const after = this.data === undefined ? this.readHead(rest) : this.readData(rest, this.data);
      if (after === undefined) {
        break;
      }
      rest = after;
    }
    this.pending = rest;
  }

  /** Returns what is left after one control frame or the head of a data frame; `undefined` when more bytes are needed. */
  private readHead(bytes: Buffer): Buffer | undefined {
    if (bytes.length < HEADER_BYTES) {
      return undefined;
    }
    const fin = (bytes.readUInt8(4) & FLAG_FIN) !== 0;
    const length = bytes.readUIntBE(5, 3);
    if ((bytes.readUInt16BE(0) & CONTROL_BIT) === 0) {
      this.data = { streamId: bytes.readUInt32BE(0), fin, left: length };
      return bytes.subarray(HEADER_BYTES);
    }
    if (length > MAX_CONTROL_BYTES) {
      throw new SpdyError(`control frame of ${length} bytes; the limit is ${MAX_CONTROL_BYTES}`);
    }
    const end = HEADER_BYTES + length;
    if (bytes.length < end) {
      return undefined;
    }
    this.emitControl(bytes, bytes.subarray(HEADER_BYTES, end), fin);
    return bytes.subarray(end);
  }

  private readData(bytes: Buffer, data: PartialData): Buffer | undefined {
    const { streamId, fin, left } = data;
    if (bytes.length === 0 && left > 0) {
      return undefined;
    }
    const payload = bytes.subarray(0, left);
    const isLast = payload.length === left;
    this.data = isLast ? undefined : { streamId, fin, left: left - payload.length };
    this.emit({ type: 'data', streamId, fin: fin && isLast, payload });
    return bytes.subarray(payload.length);
  }

  private emitControl(head: Buffer, body: Buffer, fin: boolean): void {
    const version = head.readUInt16BE(0) & ~CONTROL_BIT;
    if (version !== VERSION) {
      throw new SpdyError(`frame of version ${version}`);
    }
    const frame = parseControl(head.readUInt16BE(2), body, fin);
    if (frame !== undefined) {
      this.emit(frame);
    }
  }
}

/** Parses one control frame; types that this version does not know are to be ignored (2.2.1): `undefined`. */
function parseControl(type: number, body: Buffer, fin: boolean): Frame | undefined {
  switch (type) {
    case controlTypes.synStream:
      // Associated stream (4 bytes), priority and slot (2 bytes) are of no interest here.
      return { type: 'synStream', streamId: id(body, 0), fin, block: after(body, 10) };
    case controlTypes.synReply:
      return { type: 'synReply', streamId: id(body, 0), fin, block: after(body, 4) };
    case controlTypes.headers:
      return { type: 'headers', streamId: id(body, 0), fin, block: after(body, 4) };
    case controlTypes.rstStream:
      return { type: 'rstStream', streamId: id(body, 0), status: word(body, 4) };
    case controlTypes.settings:
      return { type: 'settings', values: settings(body) };
    case controlTypes.ping:
      return { type: 'ping', id: word(body, 0) };
    case controlTypes.goAway:
      return { type: 'goAway', lastStreamId: id(body, 0), status: word(body, 4) };
    case controlTypes.windowUpdate:
      return { type: 'windowUpdate', streamId: id(body, 0), delta: id(body, 4) };
    default:
      return undefined;
  }
}

function settings(body: Buffer): ReadonlyMap<number, number> {
  const count = word(body, 0);
  if (body.length !== 4 + count * 8) {
    throw new SpdyError(`SETTINGS of ${body.length} bytes claims ${count} entries`);
  }
  const values = new Map<number, number>();
  for (let offset = 4; offset < body.length; offset += 8) {
    values.set(word(body, offset) & SETTINGS_ID_MASK, word(body, offset + 4));
  }
  return values;
}

function word(body: Buffer, offset: number): number {
  return after(body, offset + 4, offset).readUInt32BE();
}

function id(body: Buffer, offset: number): number {
  return word(body, offset) & ID_MASK;
}

/** The bytes from `from` on, of a body that has at least `needed`. */
function after(body: Buffer, needed: number, from = needed): Buffer {
  if (body.length < needed) {
    throw new SpdyError(`control frame of ${body.length} bytes where ${needed} are needed`);
  }
  return body.subarray(from);
}
