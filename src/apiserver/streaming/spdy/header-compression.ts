import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';
import { DICTIONARY, DICTIONARY_ID } from './dictionary.ts';
import { SpdyError } from './spdy-error.ts';

/** All header blocks of one direction are one zlib stream (RFC 1950), flushed to a byte boundary after each block. */
const ZLIB_WINDOW = 32 * 1024;
const ZLIB_HEADER_BYTES = 6;
/** CMF: deflate with a window of 32 KiB; FLG: fastest, with a preset dictionary, check bits to match. */
const CMF = 0x78;
const FLG = 0x3f;
const MAX_INFLATED = 64 * 1024;

/**
 * Compresses header blocks. Synchronous, so that blocks leave in the order in which they were made: each is deflated
 * without a look back at earlier ones, which a decompressor accepts and which costs a few bytes.
 */
export class HeaderDeflater {
  private hasStarted = false;

  deflate(block: Buffer): Buffer {
    const deflated = deflateRawSync(block, { finishFlush: constants.Z_SYNC_FLUSH });
    if (this.hasStarted) {
      return deflated;
    }
    this.hasStarted = true;
    const header = Buffer.from([CMF, FLG, 0, 0, 0, 0]);
    header.writeUInt32BE(DICTIONARY_ID, 2);
    return Buffer.concat([header, deflated]);
  }
}

/**
 * Decompresses header blocks. Synchronous too, for which node:zlib has no stream: since every block ends on a byte
 * boundary, it is inflated by itself with the last 32 KiB of plain text as its dictionary, which is all the state that
 * a deflate stream has.
 */
export class HeaderInflater {
  private window: Buffer | undefined;

  /** @throws SpdyError for bytes that are not the stream's next block, or that inflate to more than 64 KiB. */
  inflate(block: Buffer): Buffer {
    const isFirst = this.window === undefined;
    const window = this.window ?? startOf(block);
    try {
      const plain = inflateRawSync(isFirst ? block.subarray(ZLIB_HEADER_BYTES) : block, {
        dictionary: window,
        finishFlush: constants.Z_SYNC_FLUSH,
        maxOutputLength: MAX_INFLATED,
      });
      this.window = Buffer.concat([window, plain]).subarray(-ZLIB_WINDOW);
      return plain;
    } catch (error) {
      throw new SpdyError('header block does not inflate', error);
    }
  }
}

/** Checks the zlib header of the first block; returns the window that the stream starts with. */
function startOf(block: Buffer): Buffer {
  const hasHeader =
    block.length >= ZLIB_HEADER_BYTES &&
    (block.readUInt8(0) & 0x0f) === 8 &&
    block.readUInt16BE(0) % 31 === 0 &&
    block.readUInt32BE(2) === DICTIONARY_ID;
  if (!hasHeader) {
    throw new SpdyError('the first header block does not name the SPDY/3 dictionary');
  }
  return DICTIONARY;
}
