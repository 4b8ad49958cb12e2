import { priorities, type ChainContents } from '../../nft/index.ts';
import { chainNames, type PlanFamily } from '../layout.ts';
import { verdict } from '../matching.ts';
import { chainOf } from './chain-of.ts';

/**
 *     type nat hook output priority -100; policy accept;
 *     jump services
 *
 * Connections of the node's own processes and of hostNetwork pods.
 */
export function natOutputChain(family: PlanFamily): ChainContents {
  const base = {
    type: 'nat',
    hook: 'output',
    priority: priorities.dstnat,
    policy: 'accept',
  } as const;
  return chainOf(
    family,
    'nat-output',
    [[verdict({ code: 'jump', chain: chainNames.services })]],
    base,
  );
}
