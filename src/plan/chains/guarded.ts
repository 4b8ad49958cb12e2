import type { ChainContents, Expression } from '../../nft/index.ts';
import { setsOf, type PlanFamily } from '../layout.ts';
import { goTo, loadSourceBlock, memberOf, setMark, verdict } from '../matching.ts';
import { shapeName, type GuardedShape } from '../shape.ts';
import { chainOf } from './chain-of.ts';

/**
 * loadBalancerSourceRanges (row 11), before anything is translated or refused: who may not come in is not told
 * whether anybody is there. One lookup for each prefix length that the ranges have, /24 here; the mark holds it:
 *
 *     meta mark set 0x00000018 ip daddr . meta l4proto . th dport . ip saddr & 255.255.255.0 . meta mark @source-ranges goto endpoints-N
 *     drop
 */
export function guardedChain(family: PlanFamily, shape: GuardedShape): ChainContents {
  const { sourceRanges } = setsOf(family);
  const inside = goTo(shapeName(shape.inside));
  const rules = shape.prefixLengths.map((prefixLength): Expression[] => [
    ...setMark(prefixLength),
    ...loadSourceBlock(family, prefixLength),
    memberOf(sourceRanges, false),
    inside,
  ]);
  return chainOf(family, shapeName(shape), [...rules, [verdict({ code: 'drop' })]]);
}
