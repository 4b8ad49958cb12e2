import type { ChainContents } from '../../nft/index.ts';
import type { PlanFamily } from '../layout.ts';
import type { Balancing } from '../settings.ts';
import type { Shape } from '../shape.ts';
import { endpointsChain } from './endpoints.ts';
import { guardedChain } from './guarded.ts';
import { localChain } from './local.ts';
import { sessionsChain } from './sessions.ts';

/** The chain that all frontends of one shape share. */
export function shapeChain(family: PlanFamily, shape: Shape, balancing: Balancing): ChainContents {
  if (shape.kind === 'guarded') return guardedChain(family, shape);
  if (shape.kind === 'local') return localChain(family, shape);
  return shape.kind === 'pick'
    ? endpointsChain(family, shape, balancing)
    : sessionsChain(family, shape, balancing);
}
