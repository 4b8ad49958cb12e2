import { Fault } from '../fault/index.ts';

/** Attributes of one message or nest, by type. */
export type Attributes = ReadonlyMap<number, Buffer>;

function malformed(what: string, wanted: number, found: number): Fault {
  return new Fault({
    code: 'NETLINK_MALFORMED',
    message: `${what} in a netlink message has ${found} bytes, expected ${wanted}`,
  });
}

/** The body, which must be at least as long as its family's fixed header. @throws Fault `NETLINK_MALFORMED` */
export function withHeader(body: Buffer, length: number, what: string): Buffer {
  if (body.length < length) throw malformed(`the header of ${what}`, length, body.length);
  return body;
}

function sized(attributes: Attributes, type: number, size: number): Buffer | undefined {
  const value = attributes.get(type);
  if (value === undefined || value.length >= size) return value;
  throw malformed(`attribute ${type}`, size, value.length);
}

/** An 8-bit attribute, `undefined` when absent. @throws Fault `NETLINK_MALFORMED`; so do the others. */
export function readU8(attributes: Attributes, type: number): number | undefined {
  return sized(attributes, type, 1)?.readUInt8(0);
}

/** A 16-bit attribute in network order. */
export function readU16be(attributes: Attributes, type: number): number | undefined {
  return sized(attributes, type, 2)?.readUInt16BE(0);
}

/** A 32-bit attribute in the machine's order, which is little endian. */
export function readU32(attributes: Attributes, type: number): number | undefined {
  return sized(attributes, type, 4)?.readUInt32LE(0);
}

/** A 32-bit attribute in network order. */
export function readU32be(attributes: Attributes, type: number): number | undefined {
  return sized(attributes, type, 4)?.readUInt32BE(0);
}

/** A string attribute, with or without its NUL; empty when absent. */
export function readText(attributes: Attributes, type: number): string {
  const value = attributes.get(type);
  if (value === undefined) return '';
  const end = value.indexOf(0);
  return value.toString('utf8', 0, end === -1 ? value.length : end);
}
