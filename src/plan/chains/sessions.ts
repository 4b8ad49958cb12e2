import { registerAt, type ChainContents, type Expression } from '../../nft/index.ts';
import { sendName, setsOf, type PlanFamily } from '../layout.ts';
import {
  addressWords,
  goTo,
  loadAddress,
  loadFrontend,
  loadMark,
  mapped,
  memberOf,
  pickSlot,
  storeMark,
} from '../matching.ts';
import type { Balancing } from '../settings.ts';
import { shapeName, type SessionShape } from '../shape.ts';
import { chainOf } from './chain-of.ts';

/**
 * Session affinity (row 19). `endpoints-N-sticky-Ts`; the mark holds the ServicePort's number, the connection's mark
 * the endpoint's:
 *
 *     meta mark set ip daddr . meta l4proto . th dport map @session-ports
 *     ct mark set meta mark . ip saddr map @sessions
 *     ct mark @session-live update @sessions { meta mark . ip saddr timeout 3h : ct mark } goto send-masquerade-never
 *     ct mark set ip daddr . meta l4proto . th dport . numgen random mod N map @session-slots
 *     delete @sessions { meta mark . ip saddr : ct mark }
 *     update @sessions { meta mark . ip saddr timeout 3h : ct mark }
 *     goto send-masquerade-never
 *
 * A client that is known and whose endpoint lives goes there again, for another time-out. Everyone else is given an
 * endpoint; the delete before the update is needed because an update leaves what an element maps to as it was
 * (`nft_dynset_eval`). When the map is full, the client has its endpoint for this connection only.
 */
export function sessionsChain(
  family: PlanFamily,
  shape: SessionShape,
  balancing: Balancing,
): ChainContents {
  const sets = setsOf(family);
  const live = shape.scope === 'local' ? sets.sessionLiveLocal : sets.sessionLive;
  const send = goTo(sendName(shape.masquerade));
  const timeout = shape.timeoutSeconds * 1000;
  const remember = onSession(family, { operation: 'update', timeout });
  return chainOf(family, shapeName(shape), [
    [...loadFrontend(family), mapped(sets.sessionPorts), storeMark],
    [...loadClient(family), mapped(sets.sessions), storeEndpoint],
    [loadEndpoint(0), memberOf(live, false), ...remember, send],
    [
      ...loadFrontend(family),
      pickSlot(family, shape, balancing),
      mapped(sets.sessionSlots),
      storeEndpoint,
    ],
    onSession(family, { operation: 'delete' }),
    remember,
    [send],
  ]);
}

/** `meta mark . ip saddr` */
function loadClient(family: PlanFamily): Expression[] {
  return [loadMark, loadAddress(family, 'source', 1)];
}

/** `ct mark`, at a register word. */
export function loadEndpoint(word: number): Expression {
  return { kind: 'ct', key: 'mark', into: registerAt(word) };
}

/** `ct mark set` what is at register word 0. */
const storeEndpoint: Expression = { kind: 'ct', key: 'mark', from: registerAt(0) };

/** `OPERATION @sessions { meta mark . ip saddr timeout T : ct mark }`; a map wants its data for a delete, too. */
function onSession(
  family: PlanFamily,
  how: { readonly operation: 'update' | 'delete'; readonly timeout?: number },
): Expression[] {
  const { name } = setsOf(family).sessions;
  const data = 1 + addressWords(family);
  return [
    ...loadClient(family),
    loadEndpoint(data),
    { kind: 'dynset', set: name, ...how, key: registerAt(0), data: registerAt(data) },
  ];
}
