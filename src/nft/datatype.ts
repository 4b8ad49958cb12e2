import { Fault } from '../fault/index.ts';
import { addressFromBytes, addressToBytes, formatAddress, requireAddress } from '../ip/index.ts';

/** A field of a key or of a map's data: addresses, protocols and interface names as text, the rest as numbers. */
export type FieldValue = string | number;

/** How one type of field looks in memory and in text. */
interface DataType {
  /** nft's own number for the type (include/datatype.h of nftables): the kernel keeps it for listings only. */
  readonly id: number;
  readonly bytes: number;
  /** 1 is host, 2 network, as nft's `enum byteorder`. */
  readonly byteOrder: 1 | 2;
  write(value: FieldValue, into: Buffer, at: number): void;
  read(from: Buffer): FieldValue;
  text(value: FieldValue): string;
}

const DOT = 46;
const ZERO = 48;
const NINE = 57;

const protocolNumbers: Readonly<Record<string, number>> = {
  icmp: 1,
  tcp: 6,
  udp: 17,
  'ipv6-icmp': 58,
  sctp: 132,
};

/** `RTN_` numbers (linux/rtnetlink.h): what `fib ... type` answers. */
const routeTypes: Readonly<Record<string, number>> = {
  unicast: 1,
  local: 2,
  broadcast: 3,
  multicast: 5,
};

const ctStates: Readonly<Record<string, number>> = {
  invalid: 1,
  established: 2,
  related: 4,
  new: 8,
  untracked: 64,
};

function address(id: number, bytes: 4 | 16): DataType {
  return {
    id,
    bytes,
    byteOrder: 2,
    write(value, into, at) {
      const text = String(value);
      if (bytes === 4 && writeDottedQuad(text, into, at)) return;
      into.set(addressBytes(text, bytes), at);
    },
    read: (from) => formatAddress(addressFromBytes(from.subarray(0, bytes))),
    text: String,
  };
}

/**
 * Writes plain dotted quads without a detour over bigints: a cold start writes tens of thousands. Returns false for
 * any other text, which the strict parser then judges.
 */
function writeDottedQuad(text: string, into: Buffer, at: number): boolean {
  let octet = 0;
  let digits = 0;
  let position = at;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === DOT) {
      if (digits === 0) return false;
      into[position] = octet;
      position += 1;
      octet = 0;
      digits = 0;
      continue;
    }
    const hasLeadingZero = digits > 0 && octet === 0;
    octet = octet * 10 + code - ZERO;
    digits += 1;
    if (code < ZERO || code > NINE || octet > 255 || hasLeadingZero) return false;
  }
  into[position] = octet;
  return digits > 0 && position === at + 3;
}

/** The bytes of an address of the wanted size. @throws Fault `INVALID_ADDRESS` for text of the other family too. */
export function addressBytes(text: string, bytes: 4 | 16): Buffer {
  const found = addressToBytes(requireAddress(text));
  if (found.length === bytes) return found;
  throw new Fault({
    code: 'INVALID_ADDRESS',
    message: `${text} is not an ${bytes === 4 ? 'IPv4' : 'IPv6'} address`,
  });
}

function unfit(value: FieldValue, what: string): Fault {
  return new Fault({ code: 'NFT_VALUE', message: `${JSON.stringify(value)} is not ${what}` });
}

/** A whole number below 2^bits: Node's own writers take NaN for 0 and cut fractions off. */
function numberIn(value: FieldValue, bits: 8 | 16 | 32, what: string): number {
  const number = value === '' ? Number.NaN : Number(value);
  if (Number.isInteger(number) && number >= 0 && number < 2 ** bits) return number;
  throw unfit(value, what);
}

function hostNumber(id: number, text: (value: FieldValue) => string): DataType {
  return {
    id,
    bytes: 4,
    byteOrder: 1,
    write: (value, into, at) =>
      void into.writeUInt32LE(numberIn(value, 32, 'a number of 32 bits'), at),
    read: (from) => from.readUInt32LE(0),
    text,
  };
}

const hex = (value: FieldValue): string => `0x${Number(value).toString(16).padStart(8, '0')}`;

/** The names of all bits that are set. */
function ctStateText(value: FieldValue): string {
  const set = Object.entries(ctStates).filter(([, bit]) => (Number(value) & bit) !== 0);
  return set.length === 0 ? String(value) : set.map(([name]) => name).join(',');
}

/** A traffic class (`meta priority`) as tc writes it: major and minor number. */
const classid = (value: FieldValue): string => {
  const number = Number(value) >>> 0;
  if (number === 0) return 'none';
  return `${(number >>> 16).toString(16)}:${(number & 0xffff).toString(16)}`;
};

function protocolNumber(value: FieldValue): number | undefined {
  return Object.hasOwn(protocolNumbers, value) ? protocolNumbers[value] : undefined;
}

const protocol: DataType = {
  id: 12,
  bytes: 1,
  byteOrder: 2,
  write: (value, into, at) =>
    void into.writeUInt8(protocolNumber(value) ?? numberIn(value, 8, 'a protocol'), at),
  read: (from) => nameIn(protocolNumbers, from.readUInt8(0)),
  text: String,
};

/** A protocol as elements that are read back have it: by name where it has one. */
export function protocolName(number: number): string {
  return nameIn(protocolNumbers, number);
}

function nameIn(names: Readonly<Record<string, number>>, number: number): string {
  return Object.keys(names).find((name) => names[name] === number) ?? String(number);
}

const port: DataType = {
  id: 13,
  bytes: 2,
  byteOrder: 2,
  write: (value, into, at) => void into.writeUInt16BE(numberIn(value, 16, 'a port'), at),
  read: (from) => from.readUInt16BE(0),
  text: String,
};

const interfaceName: DataType = {
  id: 41,
  bytes: 16,
  byteOrder: 1,
  write(value, into, at) {
    const name = Buffer.from(String(value), 'latin1');
    // The last byte is the NUL's: cut off, a name would match another interface.
    if (name.length >= 16) throw unfit(value, 'the name of an interface: at most 15 bytes');
    into.set(name, at);
  },
  read: (from) => from.toString('latin1', 0, 16).replace(/\0.*$/s, ''),
  text: (value) => JSON.stringify(value),
};

/**
 * The types of fields. `numgen` is the 32-bit result of a numgen or hash expression: nft has no name for it, so a
 * set with such a field is declared by `typeof` (see set-userdata.ts).
 */
export const dataTypes = {
  ipv4_addr: address(7, 4),
  ipv6_addr: address(8, 16),
  inet_proto: protocol,
  inet_service: port,
  mark: hostNumber(19, hex),
  ifname: interfaceName,
  numgen: hostNumber(4, String),
  fib_addrtype: hostNumber(38, (value) => nameIn(routeTypes, Number(value))),
  iface_index: hostNumber(20, String),
  classid: hostNumber(23, classid),
  ct_state: hostNumber(26, ctStateText),
} as const satisfies Readonly<Record<string, DataType>>;

export type DataTypeName = keyof typeof dataTypes;

/** The bits that `ct state` matches against (linux/netfilter/nf_conntrack_common.h). */
export function ctStateBits(
  ...names: readonly ('invalid' | 'established' | 'related' | 'new' | 'untracked')[]
): number {
  return names.reduce((bits, name) => bits | (ctStates[name] ?? 0), 0);
}

/** Bytes of a key or datum as registers hold it: every field aligned to 4 bytes when there are several. */
export function fieldsLength(types: readonly DataTypeName[]): number {
  const [first] = types;
  if (first === undefined) return 0;
  if (types.length === 1) return dataTypes[first].bytes;
  return types.reduce((sum, type) => sum + ((dataTypes[type].bytes + 3) & ~3), 0);
}

/** nft's number of a type: concatenations hold six bits for each field. */
export function typeNumber(types: readonly DataTypeName[]): number {
  return types.reduce((number, type) => (number << 6) | dataTypes[type].id, 0);
}

/** @throws Fault `NFT_VALUE` when there are more or fewer values than fields. */
export function encodeFields(
  types: readonly DataTypeName[],
  values: readonly FieldValue[],
): Buffer {
  if (types.length !== values.length) {
    throw new Fault({
      code: 'NFT_VALUE',
      message: `${values.join(' . ')} does not fit the type ${types.join(' . ')}`,
    });
  }
  // From the pool: a cold start encodes tens of thousands of keys.
  const bytes = Buffer.allocUnsafe(fieldsLength(types)).fill(0);
  let at = 0;
  types.forEach((type, index) => {
    dataTypes[type].write(values[index] ?? '', bytes, at);
    at += (dataTypes[type].bytes + 3) & ~3;
  });
  return bytes;
}

/** Reads what {@link encodeFields} wrote. @throws Fault `NFT_MALFORMED` when the bytes are too few. */
export function decodeFields(types: readonly DataTypeName[], bytes: Buffer): FieldValue[] {
  if (bytes.length < fieldsLength(types)) {
    throw new Fault({
      code: 'NFT_MALFORMED',
      message: `${bytes.length} bytes are too few for the type ${types.join(' . ')}`,
    });
  }
  let at = 0;
  return types.map((type) => {
    const value = dataTypes[type].read(bytes.subarray(at));
    at += (dataTypes[type].bytes + 3) & ~3;
    return value;
  });
}

export function fieldsText(types: readonly DataTypeName[], values: readonly FieldValue[]): string {
  return types.map((type, index) => dataTypes[type].text(values[index] ?? '')).join(' . ');
}

/** `ipv4_addr . inet_service`: nft's names of types. */
export function typeNames(types: readonly DataTypeName[]): string {
  return types.join(' . ');
}
