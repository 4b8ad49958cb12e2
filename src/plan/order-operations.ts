import type { ChainContents, Element, Operation, SetDefinition } from '../nft/index.ts';
import type { LedgerChange } from './ledger.ts';
import type { Member } from './member.ts';

/** What is to change, in any order. */
export interface Changes {
  readonly chains: readonly LedgerChange<ChainContents>[];
  readonly members: readonly LedgerChange<Member>[];
}

/**
 * Puts changes in an order that the kernel accepts in one transaction: chains come before the elements that point at
 * them and go after, and an element that changes its answer is deleted before it is added.
 */
export function orderOperations({ chains, members }: Changes): Operation[] {
  const gone = chains.flatMap(({ previous, next }) =>
    next === undefined && previous ? [previous] : [],
  );
  const come = chains.flatMap(({ previous, next }) =>
    previous === undefined && next ? [next] : [],
  );
  return [
    ...come.flatMap(addChain),
    ...elementOperations(
      'delete element',
      members.map(({ previous }) => previous),
    ),
    ...elementOperations(
      'add element',
      members.map(({ next }) => next),
    ),
    ...gone.flatMap(deleteChain),
  ];
}

/** A chain and its rules. */
export function addChain({ chain, rules }: ChainContents): Operation[] {
  return [
    { kind: 'add chain', chain },
    ...rules.map((rule): Operation => ({ kind: 'add rule', rule })),
  ];
}

export function deleteChain({ chain }: ChainContents): Operation[] {
  return [
    { kind: 'flush chain', chain },
    { kind: 'delete chain', chain },
  ];
}

/** One operation for each set that has members among these. */
export function elementOperations(
  kind: 'add element' | 'delete element',
  members: readonly (Member | undefined)[],
): Operation[] {
  const bySet = new Map<SetDefinition, Element[]>();
  for (const member of members) {
    if (member === undefined) continue;
    const elements = bySet.get(member.set) ?? [];
    elements.push(kind === 'add element' ? member.element : keyOf(member.element));
    bySet.set(member.set, elements);
  }
  return Array.from(bySet, ([set, elements]) => ({ kind, set, elements }));
}

/** Deletes name elements by key alone. */
function keyOf({ key, keyEnd }: Element): Element {
  return keyEnd === undefined ? { key } : { key, keyEnd };
}
