import type { ChainContents } from '../../nft/index.ts';
import { setsOf, type PlanFamily } from '../layout.ts';
import { goTo, sourceIn, sourceIsLocal, verdict } from '../matching.ts';
import { shapeName, type LocalShape } from '../shape.ts';
import { chainOf } from './chain-of.ts';

/**
 * External policy Local (row 21). `endpoints-N-outside-M`: pods and the node itself have all N endpoints, the rest of
 * the world the M of this node. The last rule is `drop` when there are none (row 4).
 *
 *     ip saddr @pod-cidrs goto endpoints-N
 *     fib saddr type local goto endpoints-N-masquerade-always
 *     goto endpoints-M-at-N
 */
export function localChain(family: PlanFamily, shape: LocalShape): ChainContents {
  const { pods, node, outside } = shape;
  return chainOf(family, shapeName(shape), [
    [...sourceIn(family, setsOf(family).podCIDRs), goTo(shapeName(pods))],
    [...sourceIsLocal, goTo(shapeName(node))],
    [outside === undefined ? verdict({ code: 'drop' }) : goTo(shapeName(outside))],
  ]);
}
