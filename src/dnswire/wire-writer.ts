import { BACKSLASH, DOT, invalidName, MAX_LABEL, MAX_NAME, unescape, wireLength } from './name.ts';

/** Offsets above this do not fit a compression pointer's 14 bits. */
const MAX_POINTER = 0x3fff;
/** Names remembered for compression; a bound, so that a message of thousands of names costs no square of them. */
const MAX_NAMES = 128;

/**
 * Writes a message front to back. Nothing is written beyond `limit`: `isFull` then stays true, and whoever writes takes
 * back what did not fit with {@link rewind}.
 */
export class WireWriter {
  readonly bytes: Buffer;
  offset = 0;
  limit: number;
  isFull = false;
  /** Names written so far: the ending of `names[i]` from `starts[i]` on is at `places[i]`. */
  private readonly names: string[] = [];
  private readonly starts: number[] = [];
  private readonly places: number[] = [];
  private nameCount = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
    this.limit = bytes.length;
  }

  /** Begins a new message in the same bytes. */
  reset(limit: number): void {
    this.offset = 0;
    this.limit = Math.min(limit, this.bytes.length);
    this.isFull = false;
    this.nameCount = 0;
  }

  /** Goes back to an earlier offset, forgetting all that was written from there on. */
  rewind(offset: number): void {
    this.offset = offset;
    this.isFull = false;
    while (this.nameCount > 0 && (this.places[this.nameCount - 1] ?? 0) >= offset) {
      this.nameCount -= 1;
    }
  }

  /** Makes room for `count` bytes and says where, or -1. */
  private room(count: number): number {
    const start = this.offset;
    if (this.isFull || start + count > this.limit) {
      this.isFull = true;
      return -1;
    }
    this.offset = start + count;
    return start;
  }

  u8(value: number): void {
    const at = this.room(1);
    if (at >= 0) this.bytes[at] = value;
  }

  u16(value: number): void {
    const at = this.room(2);
    if (at < 0) return;
    this.bytes[at] = value >>> 8;
    this.bytes[at + 1] = value;
  }

  u32(value: number): void {
    this.u16(value >>> 16);
    this.u16(value & 0xffff);
  }

  copy(bytes: Uint8Array): void {
    const at = this.room(bytes.length);
    if (at >= 0) this.bytes.set(bytes, at);
  }

  latin1(text: string): void {
    const at = this.room(text.length);
    if (at >= 0) this.bytes.write(text, at, 'latin1');
  }

  /** Writes a 16-bit length before whatever `body` writes. */
  counted(body: () => void): void {
    const at = this.offset;
    this.u16(0);
    body();
    if (!this.isFull) this.bytes.writeUInt16BE(this.offset - at - 2, at);
  }

  /**
   * Writes a name, its end as a pointer where the same ending stands in the message already. Only endings equal in case
   * are shared, so that every name keeps its own. @throws Fault `INVALID_DNS_NAME`.
   */
  name(name: string): void {
    this.labels(name, true);
  }

  /** Writes a name without compression, as all types after RFC 1035 ask for (RFC 3597 section 4). */
  plainName(name: string): void {
    this.labels(name, false);
  }

  private labels(name: string, isCompressed: boolean): void {
    // The text of a name is at most two characters shorter than its octets. A pointer would hide what is too long.
    if (name.length > MAX_NAME - 2 && wireLength(name) > MAX_NAME) throw invalidName(name);
    let from = name === '.' ? 1 : 0;
    while (from < name.length) {
      const place = isCompressed ? this.find(name, from) : -1;
      if (place >= 0) {
        this.u16(0xc000 | place);
        return;
      }
      this.remember(name, from);
      from = this.label(name, from);
      if (this.isFull) return;
    }
    this.u8(0);
  }

  /** Writes the label that starts at `from`; returns where the next one does. */
  private label(name: string, from: number): number {
    const at = this.room(1);
    if (at < 0) return name.length;
    const available = Math.min(this.limit - this.offset, MAX_LABEL);
    let size = 0;
    let index = from;
    for (; index < name.length; index += 1) {
      let code = name.charCodeAt(index);
      if (code === DOT) break;
      if (code === BACKSLASH) {
        const escaped = unescape(name, index);
        code = escaped.code;
        index += escaped.skipped;
      }
      if (!(code <= 0xff)) throw invalidName(name);
      if (size < available) this.bytes[at + 1 + size] = code;
      size += 1;
    }
    if (size === 0 || size > MAX_LABEL) throw invalidName(name);
    this.room(size);
    this.bytes[at] = size;
    return index + 1;
  }

  /** Where the ending of `name` from `from` on stands already, or -1. */
  private find(name: string, from: number): number {
    const length = name.length - from;
    for (let index = 0; index < this.nameCount; index += 1) {
      const other = this.names[index] ?? '';
      const start = this.starts[index] ?? 0;
      if (other.length - start !== length) continue;
      const isSame = start === from && other === name;
      if (isSame || other.slice(start) === name.slice(from)) return this.places[index] ?? -1;
    }
    return -1;
  }

  private remember(name: string, from: number): void {
    if (this.nameCount === MAX_NAMES || this.offset > MAX_POINTER) return;
    this.names[this.nameCount] = name;
    this.starts[this.nameCount] = from;
    this.places[this.nameCount] = this.offset;
    this.nameCount += 1;
  }
}
