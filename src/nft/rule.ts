import { readAttributes, type AttributeWriter } from '../netlink/index.ts';
import { readExpression, writeExpression, type Expression } from './expression.ts';
import type { NftFamily } from './protocol-family.ts';
import { readString, readU64, type Attributes } from './reading.ts';
import type { InTable } from './table.ts';
import { commentEntry, encodeUserdata, readComment } from './userdata.ts';

const NFTA_RULE_TABLE = 1;
const NFTA_RULE_CHAIN = 2;
const NFTA_RULE_HANDLE = 3;
const NFTA_RULE_EXPRESSIONS = 4;
const NFTA_RULE_POSITION = 6;
const NFTA_RULE_USERDATA = 7;
const NFTA_LIST_ELEM = 1;
const NFTNL_UDATA_RULE_COMMENT = 0;

/** Expressions run from first to last until one does not match. */
export interface Rule extends InTable {
  readonly chain: string;
  readonly expressions: readonly Expression[];
  readonly comment?: string;
  /** Given by the kernel; absent in rules that are not there yet. */
  readonly handle?: bigint;
}

export function writeRule(into: AttributeWriter, rule: Rule, position?: bigint): void {
  writeRuleName(into, rule);
  if (position !== undefined) into.u64be(NFTA_RULE_POSITION, position);
  into.nested(NFTA_RULE_EXPRESSIONS, (list) => {
    for (const expression of rule.expressions) {
      list.nested(NFTA_LIST_ELEM, (inner) => writeExpression(inner, expression));
    }
  });
  if (rule.comment === undefined) return;
  into.bytes(
    NFTA_RULE_USERDATA,
    encodeUserdata([commentEntry(NFTNL_UDATA_RULE_COMMENT, rule.comment)]),
  );
}

/** Names the rule by its handle, or all rules of the chain when it has none. */
export function writeRuleName(into: AttributeWriter, rule: Omit<Rule, 'expressions'>): void {
  into.string(NFTA_RULE_TABLE, rule.table).string(NFTA_RULE_CHAIN, rule.chain);
  if (rule.handle !== undefined) into.u64be(NFTA_RULE_HANDLE, rule.handle);
}

export function readRule(family: NftFamily, attributes: Attributes): Rule {
  const list = attributes.get(NFTA_RULE_EXPRESSIONS);
  const comment = readComment(attributes.get(NFTA_RULE_USERDATA), NFTNL_UDATA_RULE_COMMENT);
  return {
    family,
    table: readString(attributes, NFTA_RULE_TABLE),
    chain: readString(attributes, NFTA_RULE_CHAIN),
    handle: readU64(attributes, NFTA_RULE_HANDLE),
    expressions: readAttributes(list ?? Buffer.alloc(0)).map(({ value }) => readExpression(value)),
    ...(comment === undefined ? {} : { comment }),
  };
}
