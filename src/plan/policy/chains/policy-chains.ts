import type { ChainContents } from '../../../nft/index.ts';
import type { PlanFamily } from '../../layout.ts';
import { DIRECTIONS } from '../layout.ts';
import { directionChains } from './direction.ts';
import { dropChain } from './drop.ts';
import { forwardChain, inputChain, masqueradedChain, podsChain } from './hooks.ts';

/** The chains of the policy table: the same ones, whatever the policies. */
export function policyChains(family: PlanFamily): ChainContents[] {
  return [
    forwardChain(family),
    masqueradedChain(family),
    inputChain(family),
    podsChain(family),
    ...DIRECTIONS.flatMap((direction) => directionChains(family, direction)),
    ...DIRECTIONS.map((direction) => dropChain(family, direction)),
  ];
}
