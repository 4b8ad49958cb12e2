import { anyKind } from '../any-kind.ts';
import type { KindDefinition } from '../kind.ts';
import { priorityClassKind } from './priority-class.ts';

/** The kinds of scheduling.k8s.io. */
export const schedulingKinds: readonly KindDefinition[] = [anyKind(priorityClassKind)];
