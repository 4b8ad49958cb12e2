import type { ChainContents } from '../../../nft/index.ts';
import type { Direction } from '../../../policy/index.ts';
import type { PlanFamily } from '../../layout.ts';
import { sourceIn, verdict } from '../../matching.ts';
import { CANARY_COUNTER, chainNames, dropCounter, policySets } from '../layout.ts';
import { DROP_LOG_BYTES, DROP_LOG_GROUP, DROP_LOG_RATE } from '../settings.ts';
import { policyChain } from './policy-chain.ts';

const drop = verdict({ code: 'drop' });

/**
 * `drop-egress`:
 *
 *     ip saddr @canaries counter name "canary-drops" drop
 *     counter name "egress-drops"
 *     limit rate 200/second burst 500 packets log prefix "egress" group 4 snaplen 128
 *     drop
 *
 * Dropped, not rejected: who is not admitted waits in vain (row 51). All are counted, not all are told of.
 */
export function dropChain(family: PlanFamily, direction: Direction): ChainContents {
  const { perSecond, burst } = DROP_LOG_RATE;
  const { canaries } = policySets(family);
  return policyChain(family, chainNames.drop(direction), [
    [...sourceIn(family, canaries), { kind: 'objref', counter: CANARY_COUNTER }, drop],
    [{ kind: 'objref', counter: dropCounter(direction) }],
    [
      { kind: 'limit', type: 'packets', rate: perSecond, per: 'second', burst },
      { kind: 'log', group: DROP_LOG_GROUP, prefix: direction, snaplen: DROP_LOG_BYTES },
    ],
    [drop],
  ]);
}
