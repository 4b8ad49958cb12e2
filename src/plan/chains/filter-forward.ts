import { priorities, type ChainContents } from '../../nft/index.ts';
import { chainNames, type PlanFamily } from '../layout.ts';
import { connectionIs, verdict } from '../matching.ts';
import { chainOf } from './chain-of.ts';

/**
 *     type filter hook forward priority filter - 10; policy accept;
 *     ct state invalid drop
 *     jump unserved
 *
 * Packets that tracking calls invalid would leave untranslated, and reset long-lived connections at their far end
 * (kubernetes/kubernetes#74839; row 30). Before priority filter: a refusal is not a matter of network policy.
 */
export function filterForwardChain(family: PlanFamily): ChainContents {
  const base = {
    type: 'filter',
    hook: 'forward',
    priority: priorities.filter - 10,
    policy: 'accept',
  } as const;
  const rules = [
    [...connectionIs('invalid'), verdict({ code: 'drop' })],
    [verdict({ code: 'jump', chain: chainNames.unserved })],
  ];
  return chainOf(family, 'filter-forward', rules, base);
}
