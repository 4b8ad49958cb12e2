import type { AttributeWriter } from '../netlink/index.ts';
import type { NftFamily } from './protocol-family.ts';
import { readString, readU32, type Attributes } from './reading.ts';

const NFTA_TABLE_NAME = 1;
const NFTA_TABLE_FLAGS = 2;
const NFT_TABLE_F_DORMANT = 1;

/** Holds chains and sets of one family; the name is unique within the family. */
export interface Table {
  readonly family: NftFamily;
  readonly name: string;
  /** A dormant table keeps its content but its chains are off the hooks. */
  readonly dormant?: boolean;
}

/** Where an object lives: the fields that every chain, rule, set and counter carries. */
export interface InTable {
  readonly family: NftFamily;
  readonly table: string;
}

export function writeTable(into: AttributeWriter, table: Table): void {
  into.string(NFTA_TABLE_NAME, table.name);
  into.u32be(NFTA_TABLE_FLAGS, table.dormant === true ? NFT_TABLE_F_DORMANT : 0);
}

/** Names the table only: for deletes and queries. */
export function writeTableName(into: AttributeWriter, name: string): void {
  into.string(NFTA_TABLE_NAME, name);
}

export function readTable(family: NftFamily, attributes: Attributes): Table {
  const isDormant = (readU32(attributes, NFTA_TABLE_FLAGS) & NFT_TABLE_F_DORMANT) !== 0;
  const table = { family, name: readString(attributes, NFTA_TABLE_NAME) };
  return isDormant ? { ...table, dormant: true } : table;
}
