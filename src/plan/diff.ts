import { isDeepStrictEqual } from 'node:util';
import { elementKey, replacementOf, ruleText } from '../nft/index.ts';
import type {
  ChainContents,
  Element,
  Operation,
  Ruleset,
  SetContents,
  SetDefinition,
  TableContents,
} from '../nft/index.ts';
import type { LedgerChange } from './ledger.ts';
import { isSameMember, type Member } from './member.ts';
import { orderOperations } from './order-operations.ts';

/**
 * The operations that turn the tables `previous` into `next`, in one transaction: what a resync does about drift.
 * Tables of `previous` that `next` does not name are left alone. A table that is dormant, or whose sets or base chains
 * are defined differently, is replaced whole: those cannot be changed in place.
 */
export function diff(previous: Ruleset, next: Ruleset): Operation[] {
  return next.flatMap((table) => {
    const found = previous.find(
      ({ table: { family, name } }) => family === table.table.family && name === table.table.name,
    );
    return found === undefined || !hasSameFrame(found, table)
      ? replacementOf(table)
      : diffTable(found, table);
  });
}

function diffTable(previous: TableContents, next: TableContents): Operation[] {
  const sets = definitions(next);
  const chains = pair(previous.chains, next.chains, ({ chain }) => chain.name);
  return orderOperations({
    chains: chains.filter((change) => !hasSameRules(change, sets)),
    members: pairSets(previous, next).flatMap(diffElements),
  });
}

/** Sets by name, for printing rules. */
function definitions({ sets }: TableContents): Map<string, SetDefinition> {
  return new Map(sets.map(({ definition }) => [definition.name, definition]));
}

/** True when the table's state, sets and base chains are the same; rules, regular chains and elements may differ. */
function hasSameFrame(previous: TableContents, next: TableContents): boolean {
  return JSON.stringify(frameOf(previous)) === JSON.stringify(frameOf(next));
}

function frameOf({ table: { dormant = false }, sets, chains }: TableContents): unknown {
  const setTexts = sets.map(({ definition: { name, key, data = '', interval = false } }) => [
    name,
    key,
    data,
    interval,
  ]);
  const bases = chains.flatMap(({ chain: { name, base } }) =>
    base ? [[name, base.type, base.hook, base.priority, base.policy]] : [],
  );
  return [dormant, setTexts.sort(byName), bases.sort(byName)];
}

function byName([a]: readonly unknown[], [b]: readonly unknown[]): number {
  return String(a) < String(b) ? -1 : 1;
}

function pair<T>(
  previous: readonly T[],
  next: readonly T[],
  nameOf: (value: T) => string,
): LedgerChange<T>[] {
  const before = new Map(previous.map((value) => [nameOf(value), value]));
  const after = new Map(next.map((value) => [nameOf(value), value]));
  return [...new Set([...before.keys(), ...after.keys()])].map((name) => ({
    previous: before.get(name),
    next: after.get(name),
  }));
}

function pairSets(
  previous: TableContents,
  next: TableContents,
): { previous: SetContents; next: SetContents }[] {
  const before = new Map(previous.sets.map((set) => [set.definition.name, set]));
  // What is in a dynamic set is the kernel's own.
  const ours = next.sets.filter(({ definition }) => definition.dynamic !== true);
  return ours.map((set) => ({
    previous: before.get(set.definition.name) ?? { definition: set.definition, elements: [] },
    next: set,
  }));
}

function diffElements({
  previous,
  next,
}: {
  previous: SetContents;
  next: SetContents;
}): LedgerChange<Member>[] {
  const memberOf = (element: Element): Member => ({ set: next.definition, element });
  return pair(previous.elements, next.elements, elementKey)
    .map((change) => ({
      previous: change.previous && memberOf(change.previous),
      next: change.next && memberOf(change.next),
    }))
    .filter(
      ({ previous, next }) =>
        previous === undefined || next === undefined || !isSameMember(previous, next),
    );
}

/** Rules are compared as text, in order; a chain with other rules gets all of its rules anew. */
function hasSameRules(
  { previous, next }: LedgerChange<ChainContents>,
  sets: ReadonlyMap<string, SetDefinition>,
): boolean {
  if (previous === undefined || next === undefined) return false;
  const [before, after] = [previous, next].map(({ rules }) =>
    rules.map((rule) => ruleText(rule, sets)),
  );
  return isDeepStrictEqual(before, after);
}
