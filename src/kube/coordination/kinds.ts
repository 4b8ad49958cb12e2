import { anyKind } from '../any-kind.ts';
import type { KindDefinition } from '../kind.ts';
import { leaseKind } from './lease.ts';

/** The kinds of coordination.k8s.io. */
export const coordinationKinds: readonly KindDefinition[] = [anyKind(leaseKind)];
