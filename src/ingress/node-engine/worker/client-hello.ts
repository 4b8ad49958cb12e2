/** Types of the TLS handshake (RFC 8446 section 4). */
const HANDSHAKE = 22;
const CLIENT_HELLO = 1;
const SERVER_NAME = 0;
/** A hello that is longer than this is none that we would understand. */
const LONGEST = 16_384;

/** Reads on while there is something; NaN past the end makes every comparison false. */
class Reader {
  private readonly bytes: Buffer;
  private at = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  number(size: number): number {
    const from = this.at;
    this.at += size;
    return this.at > this.bytes.length ? Number.NaN : this.bytes.readUIntBE(from, size);
  }

  take(length: number): Buffer | undefined {
    const from = this.at;
    this.at += length;
    return this.at <= this.bytes.length ? this.bytes.subarray(from, this.at) : undefined;
  }

  get isAtEnd(): boolean {
    return Number.isNaN(this.at) || this.at >= this.bytes.length;
  }
}

/** A hello that has not arrived whole. */
export const MORE = Symbol('more');

/** The server name of a ClientHello that has arrived so far; undefined when it names none or is no hello. */
export function serverNameOf(bytes: Buffer): string | typeof MORE | undefined {
  if (bytes.length < 5) return MORE;
  if (bytes[0] !== HANDSHAKE) return undefined;
  const length = bytes.readUInt16BE(3);
  if (length > LONGEST) return undefined;
  if (bytes.length < 5 + length) return MORE;
  const hello = new Reader(bytes.subarray(5, 5 + length));
  if (hello.number(1) !== CLIENT_HELLO) return undefined;
  hello.take(3 + 2 + 32);
  hello.take(hello.number(1));
  hello.take(hello.number(2));
  hello.take(hello.number(1));
  const extensions = hello.take(hello.number(2));
  return extensions === undefined ? undefined : nameIn(new Reader(extensions));
}

/** RFC 6066 section 3: a list of names, of which the first host name counts. */
function nameIn(extensions: Reader): string | undefined {
  while (!extensions.isAtEnd) {
    const type = extensions.number(2);
    const body = extensions.take(extensions.number(2));
    if (body === undefined) return undefined;
    if (type !== SERVER_NAME) continue;
    const names = new Reader(body);
    names.number(2);
    if (names.number(1) !== 0) return undefined;
    return names.take(names.number(2))?.toString('latin1').toLowerCase();
  }
  return undefined;
}
