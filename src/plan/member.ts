import { elementKey, type Element, type SetDefinition } from '../nft/index.ts';

/** An element and the set it is in. */
export interface Member {
  readonly set: SetDefinition;
  readonly element: Element;
}

/** The identity of a member over all tables. */
export function memberId({ set, element }: Member): string {
  return `${set.family} ${set.name} ${elementKey(element)}`;
}

/** True when two members with one identity answer the same. */
export function isSameMember(a: Member, b: Member): boolean {
  return answer(a.element) === answer(b.element);
}

function answer({ data, verdict }: Element): string {
  if (verdict !== undefined)
    return 'chain' in verdict ? `${verdict.code} ${verdict.chain}` : verdict.code;
  return data?.join(' . ') ?? '';
}
