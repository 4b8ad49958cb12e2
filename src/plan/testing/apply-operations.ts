import {
  elementKey,
  type ChainContents,
  type Element,
  type Operation,
  type Ruleset,
} from '../../nft/index.ts';
import type { SetDefinition, Table } from '../../nft/index.ts';

interface TableState {
  readonly table: Table;
  readonly sets: Map<string, { definition: SetDefinition; elements: Map<string, Element> }>;
  readonly chains: Map<string, ChainContents>;
}

/**
 * Applies operations to a ruleset as the kernel would, and is as strict: it throws when something is missing, is there
 * already with another answer, or is still referred to.
 */
export function applyOperations(ruleset: Ruleset, operations: readonly Operation[]): Ruleset {
  const tables = new Map(
    ruleset.map((contents) => [contents.table.family as string, stateOf(contents)]),
  );
  for (const operation of operations) applyOne(tables, operation);
  for (const state of tables.values()) checkReferences(state);
  return [...tables.values()].map(({ table, sets, chains }) => ({
    table,
    counters: [],
    sets: Array.from(sets.values(), ({ definition, elements }) => ({
      definition,
      elements: [...elements.values()],
    })),
    chains: [...chains.values()],
  }));
}

function stateOf({ table, sets, chains }: Ruleset[number]): TableState {
  return {
    table,
    sets: new Map(
      sets.map(({ definition, elements }) => [
        definition.name,
        {
          definition,
          elements: new Map(elements.map((element) => [elementKey(element), element])),
        },
      ]),
    ),
    chains: new Map(chains.map((contents) => [contents.chain.name, contents])),
  };
}

function must<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`${what} is missing`);
  return value;
}

function applyOne(tables: Map<string, TableState>, operation: Operation): void {
  if ('elements' in operation) {
    applyElements(must(tables.get(operation.set.family), 'table'), operation);
  } else if ('rule' in operation) {
    const { chains } = must(tables.get(operation.rule.family), 'table');
    const contents = must(chains.get(operation.rule.chain), operation.rule.chain);
    chains.set(contents.chain.name, { ...contents, rules: [...contents.rules, operation.rule] });
  } else if ('chain' in operation) {
    applyChain(must(tables.get(operation.chain.family), 'table'), operation);
  } else {
    throw new Error(`${operation.kind} is not expected here`);
  }
}

function applyElements(
  { sets }: TableState,
  operation: Extract<Operation, { elements: unknown }>,
): void {
  const { elements } = must(sets.get(operation.set.name), operation.set.name);
  for (const element of operation.elements) {
    const key = elementKey(element);
    if (operation.kind === 'delete element') {
      if (!elements.delete(key)) throw new Error(`${operation.set.name} has no ${key}`);
    } else {
      if (elements.has(key)) throw new Error(`${operation.set.name} has ${key} already`);
      elements.set(key, element);
    }
  }
}

function applyChain(
  { chains }: TableState,
  { kind, chain }: Extract<Operation, { chain: unknown }>,
): void {
  const found = chains.get(chain.name);
  if (kind === 'add chain') {
    if (found !== undefined) throw new Error(`chain ${chain.name} is there already`);
    chains.set(chain.name, { chain, rules: [] });
  } else if (kind === 'flush chain') {
    chains.set(chain.name, { ...must(found, chain.name), rules: [] });
  } else {
    must(found, chain.name);
    chains.delete(chain.name);
  }
}

function checkReferences({ sets, chains }: TableState): void {
  for (const { elements } of sets.values()) {
    for (const { verdict } of elements.values()) {
      if (verdict !== undefined && 'chain' in verdict)
        must(chains.get(verdict.chain), verdict.chain);
    }
  }
}
