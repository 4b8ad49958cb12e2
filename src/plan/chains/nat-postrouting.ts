import { priorities, type ChainContents } from '../../nft/index.ts';
import { setsOf, type PlanFamily } from '../layout.ts';
import { destinationIn, isMarked, masquerade, pairIn, sourceIn, toggleMark } from '../matching.ts';
import { chainOf } from './chain-of.ts';

/**
 *     type nat hook postrouting priority srcnat; policy accept;
 *     meta mark & 0x00004000 != 0x00000000 meta mark set meta mark ^ 0x00004000 masquerade fully-random
 *     ip saddr . ip daddr @hairpins masquerade fully-random
 *     ip saddr @pod-cidrs ip daddr != @cluster-cidrs masquerade fully-random
 *
 * 1. What the endpoint chains marked (row 23 a and c).
 * 2. A pod that reached itself through a Service: it would answer itself directly, past the translation (rows 23 b
 *    and 24). Only translated packets ever have a pod as both ends here.
 * 3. Pods that leave the cluster: nobody outside has a route back to a pod address.
 */
export function natPostroutingChain(family: PlanFamily): ChainContents {
  const { hairpins, podCIDRs, clusterCIDRs } = setsOf(family);
  const base = {
    type: 'nat',
    hook: 'postrouting',
    priority: priorities.srcnat,
    policy: 'accept',
  } as const;
  const rules = [
    [...isMarked, ...toggleMark, masquerade],
    [...pairIn(family, hairpins), masquerade],
    [...sourceIn(family, podCIDRs), ...destinationIn(family, clusterCIDRs, true), masquerade],
  ];
  return chainOf(family, 'nat-postrouting', rules, base);
}
