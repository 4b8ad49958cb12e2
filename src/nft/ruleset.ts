import type { Chain } from './chain.ts';
import type { Element } from './element.ts';
import type { NamedCounter } from './named-counter.ts';
import type { Operation } from './operation.ts';
import type { Rule } from './rule.ts';
import type { SetDefinition } from './set.ts';
import type { Table } from './table.ts';

/** A set with its members. */
export interface SetContents {
  readonly definition: SetDefinition;
  readonly elements: readonly Element[];
}

/** A chain with its rules, in order. */
export interface ChainContents {
  readonly chain: Chain;
  readonly rules: readonly Rule[];
}

/** A table with all it holds. */
export interface TableContents {
  readonly table: Table;
  readonly counters: readonly NamedCounter[];
  readonly sets: readonly SetContents[];
  readonly chains: readonly ChainContents[];
}

/** Tables as they are in the kernel, or as they should be. */
export type Ruleset = readonly TableContents[];

/** The operations that make a table from nothing, in an order the kernel accepts. */
function creationOf(contents: TableContents): Operation[] {
  const { table, counters, sets, chains } = contents;
  const full = sets.filter(({ elements }) => elements.length > 0);
  return [
    { kind: 'add table', table },
    ...counters.map((counter): Operation => ({ kind: 'add counter', counter })),
    ...sets.map(({ definition }): Operation => ({ kind: 'add set', set: definition })),
    ...chains.map(({ chain }): Operation => ({ kind: 'add chain', chain })),
    ...chains.flatMap(({ rules }) => rules.map((rule): Operation => ({ kind: 'add rule', rule }))),
    ...full.map(({ definition, elements }): Operation => ({
      kind: 'add element',
      set: definition,
      elements,
    })),
  ];
}

/** The same, replacing whatever the table held before: one transaction, no packet sees it half. */
export function replacementOf(contents: TableContents): Operation[] {
  const { table } = contents;
  // An add before the delete: deleting a table that is not there fails the whole transaction.
  return [{ kind: 'add table', table }, { kind: 'delete table', table }, ...creationOf(contents)];
}
