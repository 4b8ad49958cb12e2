import type { ChainContents } from '../nft/index.ts';
import { filterForwardChain } from './chains/filter-forward.ts';
import { filterInputChain } from './chains/filter-input.ts';
import { filterOutputChain } from './chains/filter-output.ts';
import { natOutputChain } from './chains/nat-output.ts';
import { natPostroutingChain } from './chains/nat-postrouting.ts';
import { natPreroutingChain } from './chains/nat-prerouting.ts';
import { refuseChain } from './chains/refuse.ts';
import { sendChain } from './chains/send.ts';
import { servicesChain } from './chains/services.ts';
import { unservedChain } from './chains/unserved.ts';
import type { PlanFamily } from './layout.ts';

/** The chains that every table has, whatever the Services. */
export function baseChains(family: PlanFamily): ChainContents[] {
  const chains = [
    servicesChain,
    refuseChain,
    unservedChain,
    natPreroutingChain,
    natOutputChain,
    natPostroutingChain,
    filterForwardChain,
    filterInputChain,
    filterOutputChain,
  ].map((chain) => chain(family));
  const sends = (['never', 'off-cluster', 'always'] as const).map((masquerade) =>
    sendChain(family, masquerade),
  );
  return [...chains, ...sends];
}
