import { attributeMap, type AttributeWriter } from '../netlink/index.ts';
import { counter } from './expressions/counter.ts';
import { NFT_OBJECT_COUNTER } from './named-counter-type.ts';
import type { NftFamily } from './protocol-family.ts';
import { readString, readU32, type Attributes } from './reading.ts';
import type { InTable } from './table.ts';

const NFTA_OBJ_TABLE = 1;
const NFTA_OBJ_NAME = 2;
const NFTA_OBJ_TYPE = 3;
const NFTA_OBJ_DATA = 4;

/** A counter that rules refer to by name (`objref`), so that it outlives them. */
export interface NamedCounter extends InTable {
  readonly name: string;
  readonly packets?: bigint;
  readonly bytes?: bigint;
}

export function writeNamedCounter(into: AttributeWriter, named: NamedCounter): void {
  writeNamedCounterName(into, named);
  into.nested(NFTA_OBJ_DATA, (inner) =>
    counter.write?.(inner, { packets: 0n, bytes: 0n, ...named, kind: 'counter' }),
  );
}

export function writeNamedCounterName(into: AttributeWriter, named: NamedCounter): void {
  into.string(NFTA_OBJ_TABLE, named.table).string(NFTA_OBJ_NAME, named.name);
  into.u32be(NFTA_OBJ_TYPE, NFT_OBJECT_COUNTER);
}

/** Reads a named object; undefined when it is none of counters. */
export function readNamedCounter(
  family: NftFamily,
  attributes: Attributes,
): NamedCounter | undefined {
  if (readU32(attributes, NFTA_OBJ_TYPE) !== NFT_OBJECT_COUNTER) return undefined;
  const { packets, bytes } = counter.read(
    attributeMap(attributes.get(NFTA_OBJ_DATA) ?? Buffer.alloc(0)),
  );
  return {
    family,
    table: readString(attributes, NFTA_OBJ_TABLE),
    name: readString(attributes, NFTA_OBJ_NAME),
    ...(packets === undefined ? {} : { packets }),
    ...(bytes === undefined ? {} : { bytes }),
  };
}
