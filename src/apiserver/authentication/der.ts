/**
 * The part of DER (X.690) that certificates need: every function returns one complete element, tag and length
 * included.
 */
function element(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents);
  return Buffer.concat([Buffer.from([tag]), lengthOf(content.length), content]);
}

/** Short form below 128, else the number of length bytes and then the length (X.690 8.1.3). */
function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  const bytes = length < 0x100 ? [length] : [length >> 8, length & 0xff];
  return Buffer.from([0x80 | bytes.length, ...bytes]);
}

export function sequence(...members: readonly Uint8Array[]): Buffer {
  return element(0x30, ...members);
}

export function set(...members: readonly Uint8Array[]): Buffer {
  return element(0x31, ...members);
}

export function boolean(value: boolean): Buffer {
  return element(0x01, Buffer.from([value ? 0xff : 0]));
}

/** An INTEGER from big-endian bytes of a positive number: a set top bit gets a zero byte before it. */
export function positiveInteger(bytes: Uint8Array): Buffer {
  const isNegative = ((bytes[0] ?? 0) & 0x80) !== 0;
  return element(0x02, isNegative ? Buffer.from([0]) : Buffer.alloc(0), bytes);
}

export function octetString(content: Uint8Array): Buffer {
  return element(0x04, content);
}

export function bitString(content: Uint8Array, unusedBits = 0): Buffer {
  return element(0x03, Buffer.from([unusedBits]), content);
}

export function utf8String(text: string): Buffer {
  return element(0x0c, Buffer.from(text));
}

/** `2.5.4.3`: the first two arcs share a byte, each other is base 128, most significant digit first. */
export function objectIdentifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return element(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

function base128(arc: number): number[] {
  const digits = [arc & 0x7f];
  for (let left = arc >> 7; left > 0; left >>= 7) digits.unshift(0x80 | (left & 0x7f));
  return digits;
}

/** UTCTime before 2050 and GeneralizedTime from then on (RFC 5280 4.1.2.5); seconds precision, UTC. */
export function time(milliseconds: number): Buffer {
  const digits = new Date(milliseconds).toISOString().replaceAll(/[-:T]|\.\d+/g, '');
  const isUtcTime = Number(digits.slice(0, 4)) < 2050;
  return isUtcTime
    ? element(0x17, Buffer.from(digits.slice(2)))
    : element(0x18, Buffer.from(digits));
}

/** `[number] IMPLICIT` of primitive content. */
export function implicit(number: number, content: Uint8Array): Buffer {
  return element(0x80 | number, content);
}

/** `[number] EXPLICIT`, around a whole element. */
export function explicit(number: number, content: Uint8Array): Buffer {
  return element(0xa0 | number, content);
}
