import { SpdyError } from './spdy-error.ts';

/** Header names in lower case with their values; a header given twice has both values, joined by a comma. */
export type Headers = ReadonlyMap<string, string>;

/** Writes the uncompressed name/value block of SPDY/3 (2.6.10). */
export function encodeHeaderBlock(headers: Headers): Buffer {
  const parts = [uint32(headers.size)];
  for (const [name, value] of headers) {
    parts.push(sized(name.toLowerCase()), sized(value));
  }
  return Buffer.concat(parts);
}

/** @throws SpdyError for lengths that leave the block, an empty, upper-case or repeated name, or bytes left over. */
export function decodeHeaderBlock(block: Buffer): Headers {
  const reader = new BlockReader(block);
  const count = reader.uint32();
  const headers = new Map<string, string>();
  for (let index = 0; index < count; index += 1) {
    const name = reader.text();
    if (name === '' || name !== name.toLowerCase() || headers.has(name)) {
      throw new SpdyError(`bad header name ${JSON.stringify(name)}`);
    }
    // Values of one name are separated by NUL bytes.
    headers.set(name, reader.text().replaceAll('\0', ', '));
  }
  if (!reader.isAtEnd()) {
    throw new SpdyError('bytes after the last header');
  }
  return headers;
}

class BlockReader {
  private readonly block: Buffer;
  private offset = 0;

  constructor(block: Buffer) {
    this.block = block;
  }

  uint32(): number {
    return this.take(4).readUInt32BE();
  }

  text(): string {
    return this.take(this.uint32()).toString('utf8');
  }

  isAtEnd(): boolean {
    return this.offset === this.block.length;
  }

  private take(length: number): Buffer {
    const end = this.offset + length;
    if (end > this.block.length) {
      throw new SpdyError(`header block ends at ${this.block.length}, needed ${end} bytes`);
    }
    const taken = this.block.subarray(this.offset, end);
    this.offset = end;
    return taken;
  }
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function sized(text: string): Buffer {
  const bytes = Buffer.from(text, 'utf8');
  return Buffer.concat([uint32(bytes.length), bytes]);
}
