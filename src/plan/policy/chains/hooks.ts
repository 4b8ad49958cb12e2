import { priorities, type ChainContents, type HookName } from '../../../nft/index.ts';
import type { PlanFamily } from '../../layout.ts';
import { destinationIn, goTo, isMarked, pairIn, verdict } from '../../matching.ts';
import { MASQUERADE_MARK } from '../../settings.ts';
import { chainNames, policySets } from '../layout.ts';
import { connectionContinues, jumpTo, setMarkTo, setPriority, throughWire } from './matching.ts';
import { policyChain } from './policy-chain.ts';

/** After the refusals of Services (filter - 10): who asks where nothing is hears so, whatever policies say. */
function filterHook(hook: HookName): NonNullable<ChainContents['chain']['base']> {
  return { type: 'filter', hook, priority: priorities.filter + 10, policy: 'accept' };
}

/**
 *     type filter hook forward priority filter + 10; policy accept;
 *     ct state established,related accept
 *     ip saddr . ip daddr @self accept
 *     meta mark & 0x00004000 != 0x00000000 goto masqueraded
 *     jump pods
 *     meta mark set 0x00000000
 *     meta priority set none
 *
 * Connections that began go on (rows 31 and 32), and so do errors about them (row 41); a pod is not kept from itself
 * (row 24). Translation came before this: addresses and ports are those of pods (row 29).
 */
export function forwardChain(family: PlanFamily): ChainContents {
  const { self } = policySets(family);
  const accept = verdict({ code: 'accept' });
  return policyChain(
    family,
    'forward',
    [
      [...connectionContinues(), accept],
      [...pairIn(family, self), accept],
      [...isMarked, goTo(chainNames.masqueraded)],
      [jumpTo(chainNames.pods)],
      setMarkTo(0),
      setPriority(0),
    ],
    filterHook('forward'),
  );
}

/**
 *     jump pods
 *     meta mark set 0x00004000
 *     meta priority set none
 *
 * The mark is where packets are judged, and the one bit in it that postrouting waits for is given back.
 */
export function masqueradedChain(family: PlanFamily): ChainContents {
  return policyChain(family, chainNames.masqueraded, [
    [jumpTo(chainNames.pods)],
    setMarkTo(MASQUERADE_MARK),
    setPriority(0),
  ]);
}

/**
 *     iifname "veth*" jump egress
 *     oifname "veth*" jump ingress
 *
 * The source's node judges egress, the destination's ingress; a node that has both judges both (row 33).
 */
export function podsChain(family: PlanFamily): ChainContents {
  return policyChain(family, chainNames.pods, [
    [...throughWire('iifname'), jumpTo('egress')],
    [...throughWire('oifname'), jumpTo('ingress')],
  ]);
}

/**
 *     type filter hook input priority filter + 10; policy accept;
 *     iifname "veth*" ip daddr @local-services jump egress
 *     iifname "veth*" ip daddr @local-services jump ingress
 *
 * Only what the node answers in the place of pods; the rest of what pods send to their own node passes (row 26). Cluster
 * DNS is kept out of connection tracking: each of its packets is judged.
 */
export function inputChain(family: PlanFamily): ChainContents {
  const { localServices } = policySets(family);
  const local = [...throughWire('iifname'), ...destinationIn(family, localServices)];
  return policyChain(
    family,
    'input',
    [
      [...local, jumpTo('egress')],
      [...local, jumpTo('ingress')],
    ],
    filterHook('input'),
  );
}
