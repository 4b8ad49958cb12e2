import type { ChainContents } from '../../nft/index.ts';
import { chainNames, setsOf, type PlanFamily } from '../layout.ts';
import { loadFrontend, loadMark, mapped, storeMark, vmap } from '../matching.ts';
import { chainOf } from './chain-of.ts';

/**
 *     meta mark set ip daddr . meta l4proto . th dport map @services meta mark vmap @shapes
 *
 * One lookup for all Services, a second for the chain of the shape it answers: the number of endpoints, and policies.
 * The mark carries the number because nft 1.0.6 aborts when it lists a lookup whose key is another lookup's answer.
 */
export function servicesChain(family: PlanFamily): ChainContents {
  const { services, shapes } = setsOf(family);
  return chainOf(family, chainNames.services, [
    [...loadFrontend(family), mapped(services), storeMark, loadMark, vmap(shapes)],
  ]);
}
