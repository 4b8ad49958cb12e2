import type { ChainContents, Expression } from '../../nft/index.ts';
import { chainNames, setsOf, type PlanFamily } from '../layout.ts';
import { goTo, sourceNotInRanges, verdict } from '../matching.ts';
import { shapeName, type GuardedShape } from '../shape.ts';
import { chainOf } from './chain-of.ts';

/**
 * loadBalancerSourceRanges (row 11), before anything is translated:
 *
 *     ip daddr . meta l4proto . th dport . ip saddr != @source-ranges drop
 *     goto endpoints-N
 */
export function guardedChain(family: PlanFamily, shape: GuardedShape): ChainContents {
  return chainOf(family, shapeName(shape), [guard(family), [goTo(shapeName(shape.inside))]]);
}

/** The same where no endpoint is: who may not come in is not told that there is nobody. */
export function guardedRefuseChain(family: PlanFamily): ChainContents {
  return chainOf(family, chainNames.guardedRefuse, [guard(family), [goTo(chainNames.refuse)]]);
}

function guard(family: PlanFamily): Expression[] {
  const { sourceRanges } = setsOf(family);
  return [...sourceNotInRanges(family, sourceRanges), verdict({ code: 'drop' })];
}
