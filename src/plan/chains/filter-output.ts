import { priorities, type ChainContents } from '../../nft/index.ts';
import { chainNames, type PlanFamily } from '../layout.ts';
import { verdict } from '../matching.ts';
import { chainOf } from './chain-of.ts';

/**
 *     type filter hook output priority filter - 10; policy accept;
 *     jump unserved
 *
 * The node's own connections, after nat-output (priority dstnat) had its turn.
 */
export function filterOutputChain(family: PlanFamily): ChainContents {
  const base = {
    type: 'filter',
    hook: 'output',
    priority: priorities.filter - 10,
    policy: 'accept',
  } as const;
  return chainOf(
    family,
    'filter-output',
    [[verdict({ code: 'jump', chain: chainNames.unserved })]],
    base,
  );
}
