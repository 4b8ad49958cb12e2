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
  switch (shape.kind) {
    case 'pick':
      return endpointsChain(family, shape, balancing);
    case 'session':
      return sessionsChain(family, shape, balancing);
    case 'local':
      return localChain(family, shape);
    case 'guarded':
      return guardedChain(family, shape);
  }
}
