import { attributeMap, readAttributes, type AttributeWriter } from '../netlink/index.ts';
import { counter } from './expressions/counter.ts';
import { dataTypes, fieldsLength, typeNumber, type DataTypeName } from './datatype.ts';
import { writeExpression } from './expression.ts';
import { NFT_OBJECT_COUNTER } from './named-counter-type.ts';
import type { NftFamily } from './protocol-family.ts';
import { readString, readU32, readU64, type Attributes } from './reading.ts';
import { readSetComment, readTypes, setUserdata } from './set-userdata.ts';
import type { InTable } from './table.ts';

const NFTA_SET = {
  TABLE: 1,
  NAME: 2,
  FLAGS: 3,
  KEY_TYPE: 4,
  KEY_LEN: 5,
  DATA_TYPE: 6,
  DATA_LEN: 7,
  DESC: 9,
  ID: 10,
  TIMEOUT: 11,
  USERDATA: 13,
  OBJ_TYPE: 15,
  EXPR: 17,
} as const;
const NFTA_SET_DESC_SIZE = 1;
const NFTA_SET_DESC_CONCAT = 2;
const NFTA_SET_FIELD_LEN = 1;
const NFTA_LIST_ELEM = 1;
const FLAG = {
  CONSTANT: 0x2,
  INTERVAL: 0x4,
  MAP: 0x8,
  TIMEOUT: 0x10,
  EVAL: 0x20,
  OBJECT: 0x40,
  CONCAT: 0x80,
};
const NFT_DATA_VERDICT = 0xffffff00;
/** What nft says: the kernel knows the size of its own `struct nft_verdict`. */
const VERDICT_LENGTH = 0;

/** A set or map: what its keys are, what they map to, and how elements behave. */
export interface SetDefinition extends InTable {
  readonly name: string;
  /** More than one type is a concatenation. */
  readonly key: readonly DataTypeName[];
  /** Makes it a map to these fields, or to verdicts. */
  readonly data?: readonly DataTypeName[] | 'verdict';
  /** Makes it a map to named counters. */
  readonly object?: 'counter';
  /** Elements may have a `keyEnd`. */
  readonly interval?: boolean;
  /** Rules may add elements (`dynset`). */
  readonly dynamic?: boolean;
  readonly constant?: boolean;
  /** Elements may have a time-out; a number is the default in milliseconds. */
  readonly timeout?: boolean | number;
  /** The most elements the kernel accepts. */
  readonly size?: number;
  /** Every element counts its packets. */
  readonly counter?: boolean;
  readonly comment?: string;
}

export function isConcatenated(set: SetDefinition): boolean {
  return set.key.length > 1;
}

function flagsOf(set: SetDefinition): number {
  const hasTimeout = set.timeout !== undefined && set.timeout !== false;
  const isConcatenatedInterval = set.interval === true && isConcatenated(set);
  return (
    (set.constant === true ? FLAG.CONSTANT : 0) |
    (set.interval === true ? FLAG.INTERVAL : 0) |
    (set.data === undefined ? 0 : FLAG.MAP) |
    (hasTimeout ? FLAG.TIMEOUT : 0) |
    (set.dynamic === true ? FLAG.EVAL : 0) |
    (set.object === undefined ? 0 : FLAG.OBJECT) |
    (isConcatenatedInterval ? FLAG.CONCAT : 0)
  );
}

/** Writes a whole definition; `id` is any number unique in the batch. */
export function writeSet(into: AttributeWriter, set: SetDefinition, id: number): void {
  writeSetName(into, set);
  into.u32be(NFTA_SET.FLAGS, flagsOf(set));
  into.u32be(NFTA_SET.KEY_TYPE, typeNumber(set.key));
  into.u32be(NFTA_SET.KEY_LEN, fieldsLength(set.key));
  writeDataType(into, set);
  into.u32be(NFTA_SET.ID, id);
  if (typeof set.timeout === 'number') into.u64be(NFTA_SET.TIMEOUT, BigInt(set.timeout));
  writeDescription(into, set);
  into.bytes(NFTA_SET.USERDATA, setUserdata(set));
  if (set.counter === true) {
    into.nested(NFTA_SET.EXPR, (inner) => writeExpression(inner, { kind: 'counter' }));
  }
}

/** Names the set only: for deletes. */
export function writeSetName(into: AttributeWriter, set: SetDefinition): void {
  into.string(NFTA_SET.TABLE, set.table).string(NFTA_SET.NAME, set.name);
}

function writeDataType(into: AttributeWriter, set: SetDefinition): void {
  if (set.object !== undefined) {
    into.u32be(NFTA_SET.OBJ_TYPE, NFT_OBJECT_COUNTER);
  } else if (set.data === 'verdict') {
    into.u32be(NFTA_SET.DATA_TYPE, NFT_DATA_VERDICT).u32be(NFTA_SET.DATA_LEN, VERDICT_LENGTH);
  } else if (set.data !== undefined) {
    into.u32be(NFTA_SET.DATA_TYPE, typeNumber(set.data));
    into.u32be(NFTA_SET.DATA_LEN, fieldsLength(set.data));
  }
}

function writeDescription(into: AttributeWriter, set: SetDefinition): void {
  // Only concatenated intervals need the lengths of their fields: the kernel's pipapo matches field by field.
  const needsFields = set.interval === true && isConcatenated(set);
  if (set.size === undefined && !needsFields) return;
  into.nested(NFTA_SET.DESC, (description) => {
    if (set.size !== undefined) description.u32be(NFTA_SET_DESC_SIZE, set.size);
    if (needsFields) {
      description.nested(NFTA_SET_DESC_CONCAT, (fields) => {
        for (const type of set.key) writeField(fields, dataTypes[type].bytes);
      });
    }
  });
}

function writeField(into: AttributeWriter, bytes: number): void {
  into.nested(NFTA_LIST_ELEM, (field) => field.u32be(NFTA_SET_FIELD_LEN, bytes));
}

/** Reads a definition back. @throws Fault `NFT_UNKNOWN` for types that Portolan never makes. */
export function readSet(family: NftFamily, attributes: Attributes): SetDefinition {
  const flags = readU32(attributes, NFTA_SET.FLAGS);
  const has = (flag: number): boolean => (flags & flag) !== 0;
  const timeout = Number(readU64(attributes, NFTA_SET.TIMEOUT));
  const description = attributeMap(attributes.get(NFTA_SET.DESC) ?? Buffer.alloc(0));
  const size = readU32(description, NFTA_SET_DESC_SIZE);
  const comment = readSetComment(attributes.get(NFTA_SET.USERDATA));
  return {
    family,
    table: readString(attributes, NFTA_SET.TABLE),
    name: readString(attributes, NFTA_SET.NAME),
    key: readTypes(readU32(attributes, NFTA_SET.KEY_TYPE)),
    ...(has(FLAG.MAP) ? { data: readDataType(attributes) } : {}),
    ...(has(FLAG.OBJECT) ? { object: 'counter' } : {}),
    ...(has(FLAG.INTERVAL) ? { interval: true } : {}),
    ...(has(FLAG.EVAL) ? { dynamic: true } : {}),
    ...(has(FLAG.CONSTANT) ? { constant: true } : {}),
    ...(has(FLAG.TIMEOUT) ? { timeout: timeout > 0 ? timeout : true } : {}),
    ...(size > 0 ? { size } : {}),
    ...(hasCounter(attributes) ? { counter: true } : {}),
    ...(comment === undefined ? {} : { comment }),
  };
}

function readDataType(attributes: Attributes): readonly DataTypeName[] | 'verdict' {
  const number = readU32(attributes, NFTA_SET.DATA_TYPE);
  return number === NFT_DATA_VERDICT ? 'verdict' : readTypes(number);
}

function hasCounter(attributes: Attributes): boolean {
  const expression = readAttributes(attributes.get(NFTA_SET.EXPR) ?? Buffer.alloc(0))[0];
  return expression?.value.toString('latin1').startsWith(counter.name) ?? false;
}
