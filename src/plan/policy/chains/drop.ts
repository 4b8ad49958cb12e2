import type { ChainContents } from '../../../nft/index.ts';
import type { Direction } from '../../../policy/index.ts';
import type { PlanFamily } from '../../layout.ts';
import { verdict } from '../../matching.ts';
import { chainNames, dropCounter } from '../layout.ts';
import { DROP_LOG_BYTES, DROP_LOG_GROUP, DROP_LOG_RATE } from '../settings.ts';
import { policyChain } from './policy-chain.ts';

/**
 * `drop-egress`:
 *
 *     counter name "egress-drops"
 *     limit rate 200/second burst 500 packets log prefix "egress" group 4 snaplen 128
 *     drop
 *
 * Dropped, not rejected: who is not admitted waits in vain (row 51). All are counted, not all are told of.
 */
export function dropChain(family: PlanFamily, direction: Direction): ChainContents {
  const { perSecond, burst } = DROP_LOG_RATE;
  return policyChain(family, chainNames.drop(direction), [
    [{ kind: 'objref', counter: dropCounter(direction) }],
    [
      { kind: 'limit', type: 'packets', rate: perSecond, per: 'second', burst },
      { kind: 'log', group: DROP_LOG_GROUP, prefix: direction, snaplen: DROP_LOG_BYTES },
    ],
    [verdict({ code: 'drop' })],
  ]);
}
