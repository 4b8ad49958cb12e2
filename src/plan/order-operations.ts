import type { ChainContents, Element, Operation, SetDefinition } from '../nft/index.ts';
import type { LedgerChange } from './ledger.ts';
import type { Member } from './member.ts';

/** What is to change, in any order. */
export interface Changes {
  readonly chains: readonly LedgerChange<ChainContents>[];
  readonly members: readonly LedgerChange<Member>[];
}

/**
 * Puts changes in an order that the kernel accepts in one transaction: chains come before the rules and elements that
 * point at them and go after, and an element that changes its answer is deleted before it is added.
 */
export function orderOperations({ chains, members }: Changes): Operation[] {
  const gone = chains.flatMap(({ previous, next }) =>
    next === undefined && previous ? [previous] : [],
  );
  const come = chains.flatMap(({ previous, next }) =>
    previous === undefined && next ? [next] : [],
  );
  const changed = chains.flatMap(({ previous, next }) => (previous && next ? [next] : []));
  return [
    ...come.map(({ chain }): Operation => ({ kind: 'add chain', chain })),
    ...changed.map(({ chain }): Operation => ({ kind: 'flush chain', chain })),
    ...[...come, ...changed].flatMap(addRules),
    ...elementOperations(
      'delete element',
      members.map(({ previous }) => previous),
    ),
    ...elementOperations(
      'add element',
      members.map(({ next }) => next),
    ),
    ...deleteChains(gone),
  ];
}

function addRules({ rules }: ChainContents): Operation[] {
  return rules.map((rule): Operation => ({ kind: 'add rule', rule }));
}

/** Empties them all first: their rules may point at one another. */
function deleteChains(gone: readonly ChainContents[]): Operation[] {
  return [
    ...gone.map(({ chain }): Operation => ({ kind: 'flush chain', chain })),
    ...gone.map(({ chain }): Operation => ({ kind: 'delete chain', chain })),
  ];
}

/** One operation for each set that has members among these. */
function elementOperations(
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
