import type { ChainContents } from '../../nft/index.ts';
import { chainNames, setsOf, type PlanFamily } from '../layout.ts';
import { loadFrontend, vmap } from '../matching.ts';
import { chainOf } from './chain-of.ts';

/**
 *     ip daddr . meta l4proto . th dport vmap @services
 *
 * One lookup for all Services. The answer is the chain for the number of endpoints the Service has.
 */
export function servicesChain(family: PlanFamily): ChainContents {
  const { services } = setsOf(family);
  return chainOf(family, chainNames.services, [[...loadFrontend(family), vmap(services)]]);
}
