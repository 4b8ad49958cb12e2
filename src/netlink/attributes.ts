/** Set on the type of an attribute that nests others (`NLA_F_NESTED`, include/uapi/linux/netlink.h). */
export const NLA_F_NESTED = 0x8000;
const NLA_TYPE_MASK = 0x3fff;
const HEADER = 4;

function aligned(length: number): number {
  return (length + 3) & ~3;
}

/** Grows a buffer of netlink attributes; integers are host (little) endian unless the name says `Be`. */
export class AttributeWriter {
  private buffer: Buffer;
  private length = 0;

  constructor(capacity = 256) {
    this.buffer = Buffer.alloc(capacity);
  }

  private reserve(size: number): number {
    const at = this.length;
    const needed = at + aligned(size);
    if (needed > this.buffer.length) {
      const larger = Buffer.alloc(Math.max(needed, this.buffer.length * 2));
      this.buffer.copy(larger, 0, 0, at);
      this.buffer = larger;
    }
    this.length = needed;
    return at;
  }

  private header(type: number, payload: number): number {
    const at = this.reserve(HEADER + payload);
    this.buffer.writeUInt16LE(HEADER + payload, at);
    this.buffer.writeUInt16LE(type, at + 2);
    return at + HEADER;
  }

  /** Appends raw bytes without an attribute header: the fixed header of a message family. */
  raw(bytes: Uint8Array): this {
    const at = this.reserve(bytes.length);
    this.buffer.set(bytes, at);
    return this;
  }

  bytes(type: number, value: Uint8Array): this {
    const at = this.header(type, value.length);
    this.buffer.set(value, at);
    return this;
  }

  flag(type: number): this {
    this.header(type, 0);
    return this;
  }

  u8(type: number, value: number): this {
    const at = this.header(type, 1);
    this.buffer.writeUInt8(value, at);
    return this;
  }

  u16(type: number, value: number): this {
    const at = this.header(type, 2);
    this.buffer.writeUInt16LE(value, at);
    return this;
  }

  u16be(type: number, value: number): this {
    const at = this.header(type, 2);
    this.buffer.writeUInt16BE(value, at);
    return this;
  }

  u32(type: number, value: number): this {
    const at = this.header(type, 4);
    this.buffer.writeUInt32LE(value >>> 0, at);
    return this;
  }

  u32be(type: number, value: number): this {
    const at = this.header(type, 4);
    this.buffer.writeUInt32BE(value >>> 0, at);
    return this;
  }

  u64be(type: number, value: bigint): this {
    const at = this.header(type, 8);
    this.buffer.writeBigUInt64BE(value, at);
    return this;
  }

  /** Appends a NUL-terminated string. */
  string(type: number, value: string): this {
    const at = this.header(type, Buffer.byteLength(value) + 1);
    this.buffer.write(value, at);
    return this;
  }

  /** Appends a string without a NUL, for the attributes whose length alone ends the text (IFLA_INFO_KIND). */
  text(type: number, value: string): this {
    const at = this.header(type, Buffer.byteLength(value));
    this.buffer.write(value, at);
    return this;
  }

  /** Appends a nested attribute whose content `fill` writes into this same writer. */
  nested(type: number, fill: (inner: this) => void): this {
    const start = this.header(type | NLA_F_NESTED, 0) - HEADER;
    fill(this);
    this.buffer.writeUInt16LE(this.length - start, start);
    return this;
  }

  /** The bytes so far; a view that the next append may invalidate. */
  finish(): Buffer {
    return this.buffer.subarray(0, this.length);
  }
}

/** One decoded attribute: its type without flags and a view of its payload. */
export interface Attribute {
  readonly type: number;
  readonly value: Buffer;
}

/** Reads a run of attributes; stops at the first malformed length instead of reading past it. */
export function readAttributes(bytes: Uint8Array): Attribute[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const attributes: Attribute[] = [];
  let at = 0;
  while (at + HEADER <= buffer.length) {
    const length = buffer.readUInt16LE(at);
    if (length < HEADER || at + length > buffer.length) break;
    const type = buffer.readUInt16LE(at + 2) & NLA_TYPE_MASK;
    attributes.push({ type, value: buffer.subarray(at + HEADER, at + length) });
    at += aligned(length);
  }
  return attributes;
}

/** The same, indexed by type; the last of a repeated type wins. */
export function attributeMap(bytes: Uint8Array): Map<number, Buffer> {
  return new Map(readAttributes(bytes).map(({ type, value }) => [type, value]));
}
