import { badRequest } from '../../kube/index.ts';

/** One field of a message on the wire (protobuf encoding, "Message Structure"). */
export interface WireField {
  readonly number: number;
  /** A varint or fixed-width number, or the bytes of a string, message or packed list. */
  readonly value: bigint | Uint8Array;
}

function truncated(): Error {
  return badRequest('the body of the request is not protobuf: it ends in the middle of a field');
}

class Reader {
  private readonly bytes: Uint8Array;
  private position = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.position >= this.bytes.length;
  }

  varint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.take(1)[0] ?? 0;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw badRequest('the body of the request is not protobuf: a number has more than ten bytes');
  }

  take(count: number): Uint8Array {
    const end = this.position + count;
    if (end > this.bytes.length) throw truncated();
    const taken = this.bytes.subarray(this.position, end);
    this.position = end;
    return taken;
  }

  fixed(size: 4 | 8): bigint {
    const bytes = Buffer.from(this.take(size));
    return size === 4 ? BigInt(bytes.readUInt32LE()) : bytes.readBigUInt64LE();
  }

  value(wireType: number): bigint | Uint8Array {
    switch (wireType) {
      case 0:
        return this.varint();
      case 1:
        return this.fixed(8);
      case 2:
        return this.take(Number(this.varint()));
      case 5:
        return this.fixed(4);
      default:
        throw badRequest(`the body of the request is not protobuf: wire type ${wireType}`);
    }
  }
}

/** Splits a message into its fields, in order. @throws ApiError `BadRequest` when it is no protobuf message. */
export function readFields(message: Uint8Array): WireField[] {
  const reader = new Reader(message);
  const fields: WireField[] = [];
  while (!reader.isAtEnd) {
    const tag = Number(reader.varint());
    fields.push({ number: tag >> 3, value: reader.value(tag & 7) });
  }
  return fields;
}

/** The bytes of a length-delimited field; empty for any other. */
export function bytesOf(value: WireField['value']): Uint8Array {
  return typeof value === 'bigint' ? new Uint8Array() : value;
}

export function textOf(value: WireField['value']): string {
  return Buffer.from(bytesOf(value)).toString('utf8');
}

/** A signed 64-bit number: int32 and int64 are both written so. */
export function integerOf(value: WireField['value']): number {
  return typeof value === 'bigint' ? Number(BigInt.asIntN(64, value)) : 0;
}
