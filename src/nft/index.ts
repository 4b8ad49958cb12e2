export type { BaseChain, Chain } from './chain.ts';
export { hostU32 } from './data.ts';
export {
  addressBytes,
  ctStateBits,
  dataTypes,
  protocolName,
  type DataTypeName,
  type FieldValue,
} from './datatype.ts';
export { elementKey, type Element } from './element.ts';
export type { Expression } from './expression.ts';
export { RTN_LOCAL } from './expressions/fib.ts';
export { priorities, type HookName } from './hook.ts';
export type { NamedCounter } from './named-counter.ts';
export { Nftables } from './nftables.ts';
export { readNotice, type Author } from './notice.ts';
export type { Operation } from './operation.ts';
export type { NftFamily } from './protocol-family.ts';
export { NftRefused, type Refusal } from './refusal.ts';
export { registerAt, VERDICT_REGISTER } from './register.ts';
export type { Rule } from './rule.ts';
export { ruleText, rulesetText } from './ruleset-text.ts';
export {
  replacementOf,
  type ChainContents,
  type Ruleset,
  type SetContents,
  type TableContents,
} from './ruleset.ts';
export type { SetDefinition } from './set.ts';
export type { InTable, Table } from './table.ts';
export type { Verdict } from './verdict.ts';
