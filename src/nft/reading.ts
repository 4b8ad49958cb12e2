import { Fault } from '../fault/index.ts';

/** Attributes of one message or nest, by type. */
export type Attributes = ReadonlyMap<number, Buffer>;

function malformed(type: number, wanted: number, found: number): Fault {
  return new Fault({
    code: 'NFT_MALFORMED',
    message: `nf_tables attribute ${type} has ${found} bytes, expected ${wanted}`,
  });
}

function sized(attributes: Attributes, type: number, size: number): Buffer | undefined {
  const value = attributes.get(type);
  if (value !== undefined && value.length < size) throw malformed(type, size, value.length);
  return value;
}

/** A big-endian 32-bit attribute, 0 when absent. @throws Fault `NFT_MALFORMED`. */
export function readU32(attributes: Attributes, type: number): number {
  return sized(attributes, type, 4)?.readUInt32BE(0) ?? 0;
}

export function readU16(attributes: Attributes, type: number): number {
  return sized(attributes, type, 2)?.readUInt16BE(0) ?? 0;
}

export function readU8(attributes: Attributes, type: number): number {
  return sized(attributes, type, 1)?.readUInt8(0) ?? 0;
}

/** A big-endian 64-bit attribute, 0n when absent. @throws Fault `NFT_MALFORMED`. */
export function readU64(attributes: Attributes, type: number): bigint {
  return sized(attributes, type, 8)?.readBigUInt64BE(0) ?? 0n;
}

/** A NUL-terminated string, empty when absent. */
export function readString(attributes: Attributes, type: number): string {
  const value = attributes.get(type);
  if (value === undefined) return '';
  const end = value.indexOf(0);
  return value.toString('utf8', 0, end === -1 ? value.length : end);
}

/** @throws Fault `NFT_UNKNOWN`. The name that stands for `number` in a table of names. */
export function nameOf<Name extends string>(
  names: Readonly<Record<Name, number>>,
  number: number,
): Name {
  const found = (Object.keys(names) as Name[]).find((name) => names[name] === number);
  if (found !== undefined) return found;
  throw new Fault({
    code: 'NFT_UNKNOWN',
    message: `the kernel reported number ${number}, which is none of ${Object.keys(names).join(', ')}`,
    advice: 'Something other than Portolan changed this table; a resync rebuilds it.',
  });
}
