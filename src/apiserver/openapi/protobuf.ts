/** Just enough of the protocol buffers encoding to write messages that a table describes. */

/** How one value becomes the bytes after a field's tag. */
interface Codec {
  readonly wireType: 0 | 1 | 2;
  encode(value: unknown): Buffer;
}

interface Field {
  readonly number: number;
  readonly codec: Codec;
  readonly repeated: boolean;
}

/** A message: its fields by JSON key, and where keys that start with `x-` go. */
export interface Message {
  readonly fields: Readonly<Record<string, Field>>;
  readonly extensions?: number;
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 0x7f) {
    bytes.push((rest & 0x7f) | 0x80);
    rest = Math.floor(rest / 128);
  }
  return Buffer.from([...bytes, rest]);
}

function delimited(payload: Buffer): Buffer {
  return Buffer.concat([varint(payload.length), payload]);
}

function tagged(number: number, codec: Codec, value: unknown): Buffer {
  return Buffer.concat([varint((number << 3) | codec.wireType), codec.encode(value)]);
}

export const text: Codec = {
  wireType: 2,
  encode: (value) => delimited(Buffer.from(String(value), 'utf8')),
};

export const bool: Codec = { wireType: 0, encode: (value) => varint(value === true ? 1 : 0) };

export const integer: Codec = { wireType: 0, encode: (value) => varint(Number(value)) };

export const double: Codec = {
  wireType: 1,
  encode: (value) => {
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleLE(Number(value));
    return bytes;
  },
};

export function one(number: number, codec: Codec): Field {
  return { number, codec, repeated: false };
}

export function many(number: number, codec: Codec): Field {
  return { number, codec, repeated: true };
}

/** A nested message; `lazily` named, because schemas contain schemas. */
export function nested(lazily: () => Message): Codec {
  return { wireType: 2, encode: (value) => delimited(encodeMessage(lazily(), value)) };
}

/** A message with a single field, which holds the value itself: gnostic's oneof wrappers. */
export function wrapped(field: Field): Codec {
  return { wireType: 2, encode: (value) => delimited(encodeField(field, value)) };
}

/** The value wrapped in the field that `choose` picks for it. */
export function chosen(choose: (value: Readonly<Record<string, unknown>>) => Field): Codec {
  return {
    wireType: 2,
    encode: (value) => delimited(encodeField(choose(value as Record<string, unknown>), value)),
  };
}

function namedEntry(name: string, value: unknown, codec: Codec): Buffer {
  return Buffer.concat([tagged(1, text, name), tagged(2, codec, value)]);
}

/** A JSON object as the repeated name and value pairs that gnostic uses for maps. */
export function pairs(number: number, codec: Codec): Codec {
  const entry: Codec = {
    wireType: 2,
    encode: (pair) => {
      const [name, value] = pair as [string, unknown];
      return delimited(namedEntry(name, value, codec));
    },
  };
  return {
    wireType: 2,
    encode: (value) => {
      const entries = Object.entries(value as Record<string, unknown>);
      return delimited(Buffer.concat(entries.map((pair) => tagged(number, entry, pair))));
    },
  };
}

/** gnostic's Any: the value as YAML text, of which JSON is a part. */
export const any: Codec = {
  wireType: 2,
  encode: (value) => delimited(tagged(2, text, JSON.stringify(value))),
};

function encodeField(field: Field, value: unknown): Buffer {
  const { number, codec, repeated } = field;
  if (!repeated) return tagged(number, codec, value);
  const items = Array.isArray(value) ? value : [value];
  return Buffer.concat(items.map((item) => tagged(number, codec, item)));
}

/** Encodes a JSON object; keys that the message does not know are dropped. */
export function encodeMessage(message: Message, value: unknown): Buffer {
  const parts: Buffer[] = [];
  for (const [key, item] of Object.entries(value as Record<string, unknown>)) {
    const field = message.fields[key];
    if (item === undefined) continue;
    if (field !== undefined) parts.push(encodeField(field, item));
    else if (message.extensions !== undefined && key.startsWith('x-')) {
      parts.push(tagged(message.extensions, nestedPair, [key, item]));
    }
  }
  return Buffer.concat(parts);
}

const nestedPair: Codec = {
  wireType: 2,
  encode: (pair) => {
    const [name, value] = pair as [string, unknown];
    return delimited(namedEntry(name, value, any));
  },
};
