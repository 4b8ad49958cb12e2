import type { KindDefinition } from '../kind.ts';

/** The kinds of the core group, in discovery order. */
export const coreKinds: readonly KindDefinition[] = [];
