import { priorities, type ChainContents } from '../../nft/index.ts';
import { chainNames, type PlanFamily } from '../layout.ts';
import { verdict } from '../matching.ts';
import { chainOf } from './chain-of.ts';

/**
 *     type nat hook prerouting priority dstnat; policy accept;
 *     jump services
 *
 * Connections from pods and from outside the node. A nat chain sees the first packet of each only.
 */
export function natPreroutingChain(family: PlanFamily): ChainContents {
  const base = {
    type: 'nat',
    hook: 'prerouting',
    priority: priorities.dstnat,
    policy: 'accept',
  } as const;
  return chainOf(
    family,
    'nat-prerouting',
    [[verdict({ code: 'jump', chain: chainNames.services })]],
    base,
  );
}
