import { BACKSLASH, DOT, MAX_LABEL, MAX_NAME } from './name.ts';

/** What is wrong with a message. */
export type FormReason =
  | 'SHORT_HEADER'
  | 'SHORT_MESSAGE'
  | 'COUNTS_EXCEED_MESSAGE'
  | 'LABEL_TYPE'
  | 'NAME_TOO_LONG'
  | 'POINTER_FORWARD'
  | 'POINTER_CHAIN'
  | 'RDATA_LENGTH'
  | 'OPT_OWNER'
  | 'OPT_TWICE'
  | 'OPT_SECTION';

/**
 * Jumps of one name. A label or more stands between two of them in what encoders write, so that no name of 255 octets needs
 * more; without a bound, each record of a message could send the reader through a chain of thousands.
 */
const MAX_JUMPS = 127;

/** The longest text of a name: every one of 250 octets escaped, and dots. */
const scratch = Buffer.alloc(MAX_NAME * 4 + MAX_NAME);

/**
 * Reads a message from front to back within its bounds. The first thing wrong is kept in `failure`; from then on every
 * read gives zeros and empty texts, so that callers need to look only once in a while.
 */
export class WireReader {
  readonly bytes: Buffer;
  offset = 0;
  /** Reads stop here: the end of the message, or of the record data being read. */
  end: number;
  failure: FormReason | undefined;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
    this.end = bytes.length;
  }

  fail(reason: FormReason): void {
    this.failure ??= reason;
    this.offset = this.end;
  }

  /** Within record data, it is the data that ends too soon. */
  private shortReason(): FormReason {
    return this.end < this.bytes.length ? 'RDATA_LENGTH' : 'SHORT_MESSAGE';
  }

  /** Moves over `count` bytes and says where they began, or -1. */
  private take(count: number): number {
    const start = this.offset;
    if (start + count > this.end) {
      this.fail(this.shortReason());
      return -1;
    }
    this.offset = start + count;
    return start;
  }

  u8(): number {
    const at = this.take(1);
    return at < 0 ? 0 : (this.bytes[at] ?? 0);
  }

  u16(): number {
    const at = this.take(2);
    if (at < 0) return 0;
    return ((this.bytes[at] ?? 0) << 8) | (this.bytes[at + 1] ?? 0);
  }

  u32(): number {
    return this.u16() * 0x1_0000 + this.u16();
  }

  /** A view of the next bytes. */
  view(count: number): Buffer {
    const at = this.take(count);
    return at < 0 ? this.bytes.subarray(0, 0) : this.bytes.subarray(at, at + count);
  }

  latin1(count: number): string {
    const at = this.take(count);
    return at < 0 ? '' : this.bytes.toString('latin1', at, at + count);
  }

  /**
   * A name, with its compression pointers followed (RFC 1035 section 4.1.4). A pointer must lead before the labels that
   * it ends, so every jump goes back and no chain of them is endless.
   */
  name(): string {
    const { bytes } = this;
    let at = this.offset;
    let bound = this.end;
    let runStart = at;
    let jumps = 0;
    let octets = 1;
    let length = 0;
    for (;;) {
      if (at >= bound) return this.failName(this.shortReason());
      const size = bytes[at] ?? 0;
      if (size === 0) {
        if (jumps === 0) this.offset = at + 1;
        break;
      }
      if (size >= 0xc0) {
        if (at + 1 >= bound) return this.failName(this.shortReason());
        const target = ((size & 0x3f) << 8) | (bytes[at + 1] ?? 0);
        if (target >= runStart) return this.failName('POINTER_FORWARD');
        if (jumps === 0) this.offset = at + 2;
        jumps += 1;
        if (jumps > MAX_JUMPS) return this.failName('POINTER_CHAIN');
        bound = bytes.length;
        at = target;
        runStart = target;
        continue;
      }
      if (size > MAX_LABEL) return this.failName('LABEL_TYPE');
      octets += size + 1;
      if (octets > MAX_NAME) return this.failName('NAME_TOO_LONG');
      if (at + 1 + size > bound) return this.failName(this.shortReason());
      length = writeLabelText(bytes, { at: at + 1, size, length });
      at += size + 1;
    }
    return length === 0 ? '.' : scratch.toString('latin1', 0, length);
  }

  private failName(reason: FormReason): string {
    this.fail(reason);
    return '.';
  }
}

/** Appends a label and its dot to the scratch text; returns the new length. */
function writeLabelText(
  bytes: Buffer,
  { at, size, length }: { readonly at: number; readonly size: number; readonly length: number },
): number {
  let to = length;
  for (let index = at; index < at + size; index += 1) {
    const byte = bytes[index] ?? 0;
    if (byte > 0x20 && byte < 0x7f && byte !== DOT && byte !== BACKSLASH) {
      scratch[to] = byte;
      to += 1;
    } else {
      to = writeEscaped(byte, to);
    }
  }
  scratch[to] = DOT;
  return to + 1;
}

function writeEscaped(byte: number, to: number): number {
  scratch[to] = BACKSLASH;
  if (byte === DOT || byte === BACKSLASH) {
    scratch[to + 1] = byte;
    return to + 2;
  }
  return to + 1 + scratch.write(String(byte).padStart(3, '0'), to + 1, 'latin1');
}
