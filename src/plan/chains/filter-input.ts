import { priorities, type ChainContents } from '../../nft/index.ts';
import { chainNames, type PlanFamily } from '../layout.ts';
import { verdict } from '../matching.ts';
import { chainOf } from './chain-of.ts';

/**
 *     type filter hook input priority filter - 10; policy accept;
 *     jump unserved
 *
 * NodePorts without endpoints are addressed to the node itself.
 */
export function filterInputChain(family: PlanFamily): ChainContents {
  const base = {
    type: 'filter',
    hook: 'input',
    priority: priorities.filter - 10,
    policy: 'accept',
  } as const;
  return chainOf(
    family,
    'filter-input',
    [[verdict({ code: 'jump', chain: chainNames.unserved })]],
    base,
  );
}
