import { Fault } from '../fault/index.ts';
import { dataTypes, type DataTypeName } from './datatype.ts';
import { commentEntry, encodeUserdata, readComment, type UserdataEntry } from './userdata.ts';

/** `enum nftnl_udata_set_types` (libnftnl/udata.h). */
const KEY_BYTE_ORDER = 0;
const DATA_BYTE_ORDER = 1;
const KEY_TYPEOF = 3;
const DATA_TYPEOF = 4;
const DATA_INTERVAL = 6;
const COMMENT = 7;
/** `enum expr_types` of nftables (include/expression.h), which it writes into the data. */
const EXPR = { PAYLOAD: 7, META: 9, CONCAT: 13, NUMGEN: 23 } as const;

interface Described {
  readonly key: readonly DataTypeName[];
  readonly data?: readonly DataTypeName[] | 'verdict';
  readonly comment?: string;
}

function u32(type: number, value: number): UserdataEntry {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return { type, value: bytes };
}

/** The byte order nft notes for a type: a concatenation has none (0). */
function byteOrder(types: readonly DataTypeName[]): number {
  const [first] = types;
  return types.length === 1 && first !== undefined ? dataTypes[first].byteOrder : 0;
}

/** nft's ids of the header fields that stand for a type: `proto_desc` id and template number. */
const payloads: Readonly<Partial<Record<DataTypeName, readonly [number, number]>>> = {
  ipv4_addr: [12, 12],
  ipv6_addr: [13, 9],
  inet_service: [11, 2],
};

/** `enum nft_meta_keys`: `meta l4proto`, `meta mark`. */
const metaKeys: Readonly<Partial<Record<DataTypeName, number>>> = { inet_proto: 16, mark: 3 };

function selector(type: DataTypeName): UserdataEntry[] {
  const payload = payloads[type];
  if (payload !== undefined) {
    return [u32(0, EXPR.PAYLOAD), nest(1, [u32(0, payload[0]), u32(1, payload[1])])];
  }
  const key = metaKeys[type];
  if (key !== undefined) return [u32(0, EXPR.META), nest(1, [u32(0, key)])];
  // numgen random (1) mod 2 offset 0: the modulus says nothing about the type.
  return [u32(0, EXPR.NUMGEN), nest(1, [u32(0, 1), u32(1, 2), u32(2, 0)])];
}

function nest(type: number, entries: readonly UserdataEntry[]): UserdataEntry {
  return { type, value: encodeUserdata(entries) };
}

/** `typeof ip daddr . meta l4proto . th dport . numgen random mod 2` as nft packs it. */
function typeofEntry(type: number, types: readonly DataTypeName[]): UserdataEntry {
  const [first] = types;
  if (types.length === 1 && first !== undefined) return nest(type, selector(first));
  const fields = types.map((field, index) => nest(index, selector(field)));
  return nest(type, [u32(0, EXPR.CONCAT), nest(1, fields)]);
}

/** What nft needs to know to list a set it did not make: byte orders, and `typeof` where a type has no name. */
export function setUserdata(set: Described): Buffer {
  const entries = [u32(KEY_BYTE_ORDER, byteOrder(set.key))];
  const isMap = Array.isArray(set.data);
  const data = isMap ? (set.data as readonly DataTypeName[]) : [];
  if (set.data !== undefined) {
    entries.push(u32(DATA_BYTE_ORDER, byteOrder(data)));
  }
  if (needsTypeof(set)) {
    entries.push(typeofEntry(KEY_TYPEOF, set.key));
    if (isMap) entries.push(typeofEntry(DATA_TYPEOF, data));
  }
  if (set.data !== undefined) entries.push(u32(DATA_INTERVAL, 0));
  if (set.comment !== undefined) entries.push(commentEntry(COMMENT, set.comment));
  return encodeUserdata(entries);
}

/** True when the set can only be declared by `typeof`. */
export function needsTypeof(set: Described): boolean {
  return set.key.includes('numgen');
}

const selectorTexts: Readonly<Record<DataTypeName, string>> = {
  ipv4_addr: 'ip daddr',
  ipv6_addr: 'ip6 daddr',
  inet_proto: 'meta l4proto',
  inet_service: 'th dport',
  mark: 'meta mark',
  ifname: 'iifname',
  numgen: 'numgen random mod 2',
  iface_index: 'iif',
  fib_addrtype: 'fib daddr type',
  classid: 'meta priority',
  ct_state: 'ct state',
};

/** `ip daddr . th dport`: the expression that nft shows for types in a `typeof`. */
export function typeofText(types: readonly DataTypeName[]): string {
  return types.map((type) => selectorTexts[type]).join(' . ');
}

export function readSetComment(userdata: Buffer | undefined): string | undefined {
  return readComment(userdata, COMMENT);
}

/** The types behind nft's number. @throws Fault `NFT_UNKNOWN`. */
export function readTypes(number: number): DataTypeName[] {
  const types: DataTypeName[] = [];
  for (let rest = number; rest > 0; rest >>>= 6) {
    const found = (Object.keys(dataTypes) as DataTypeName[]).find(
      (name) => dataTypes[name].id === (rest & 63),
    );
    if (found === undefined) throw unknownType(number);
    types.unshift(found);
  }
  return types;
}

function unknownType(number: number): Fault {
  return new Fault({
    code: 'NFT_UNKNOWN',
    message: `a set has the key or data type ${number}, which Portolan does not know`,
    advice: 'Something other than Portolan changed this table; a resync rebuilds it.',
  });
}
