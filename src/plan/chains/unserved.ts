import type { ChainContents } from '../../nft/index.ts';
import { chainNames, setsOf, type PlanFamily } from '../layout.ts';
import { connectionIs, destinationIn, goTo, loadFrontend, verdict, vmap } from '../matching.ts';
import { chainOf } from './chain-of.ts';

/**
 *     ct state untracked return
 *     ct state new ip daddr . meta l4proto . th dport vmap @refusals
 *     ip daddr @cluster-ips goto refuse
 *     ip daddr @service-cidrs drop
 *
 * What is still addressed to a Service after destination translation has no endpoint: a frontend without endpoints
 * (rows 3 and 4), a port that the Service does not have, or an address that no Service has (row 2). What is kept out of
 * tracking never was to be translated: the node itself answers for that Service (cluster DNS).
 */
export function unservedChain(family: PlanFamily): ChainContents {
  const { refusals, clusterIPs, serviceCIDRs } = setsOf(family);
  return chainOf(family, chainNames.unserved, [
    [...connectionIs('untracked'), verdict({ code: 'return' })],
    [...connectionIs('new'), ...loadFrontend(family), vmap(refusals)],
    [...destinationIn(family, clusterIPs), goTo(chainNames.refuse)],
    [...destinationIn(family, serviceCIDRs), verdict({ code: 'drop' })],
  ]);
}
