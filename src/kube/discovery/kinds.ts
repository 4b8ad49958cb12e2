import { anyKind } from '../any-kind.ts';
import type { KindDefinition } from '../kind.ts';
import { endpointSliceKind } from './endpoint-slice.ts';

/** The kinds of discovery.k8s.io. */
export const discoveryKinds: readonly KindDefinition[] = [anyKind(endpointSliceKind)];
