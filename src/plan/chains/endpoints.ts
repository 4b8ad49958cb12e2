import type { ChainContents } from '../../nft/index.ts';
import { setsOf, type PlanFamily } from '../layout.ts';
import { loadFrontend, mapped, pickSlot, translate } from '../matching.ts';
import type { Balancing } from '../settings.ts';
import { shapeName, type PickShape } from '../shape.ts';
import { chainOf } from './chain-of.ts';
import { markingRules } from './marking.ts';

/**
 * `endpoints-N`, after its marking: one of N endpoints at random, or with round-robin `numgen inc`.
 *
 *     meta mark set 0x00000000
 *     dnat ip to ip daddr . meta l4proto . th dport . numgen random mod N map @endpoints
 */
export function endpointsChain(
  family: PlanFamily,
  shape: PickShape,
  balancing: Balancing,
): ChainContents {
  const { endpoints } = setsOf(family);
  return chainOf(family, shapeName(shape), [
    ...markingRules(family, shape.masquerade),
    [
      ...loadFrontend(family),
      pickSlot(family, shape, balancing),
      mapped(endpoints),
      translate(family),
    ],
  ]);
}
