import type { ChainContents } from '../../nft/index.ts';
import type { Masquerading } from '../../services/index.ts';
import { sendName, setsOf, type PlanFamily } from '../layout.ts';
import { loadProtocol, mapped, translate } from '../matching.ts';
import { chainOf } from './chain-of.ts';
import { markingRules } from './marking.ts';
import { loadEndpoint } from './sessions.ts';

/**
 * Where the chains of sessions end, after the marking:
 *
 *     meta mark set 0x00000000
 *     dnat ip to ct mark . meta l4proto map @session-endpoints
 *
 * The protocol is there for nft: it loads a map to ports only where something says that the packet has ports.
 */
export function sendChain(family: PlanFamily, masquerade: Masquerading): ChainContents {
  const { sessionEndpoints } = setsOf(family);
  return chainOf(family, sendName(masquerade), [
    ...markingRules(family, masquerade),
    [loadEndpoint(0), loadProtocol(1), mapped(sessionEndpoints), translate(family)],
  ]);
}
