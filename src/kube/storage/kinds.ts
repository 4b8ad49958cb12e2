import { anyKind } from '../any-kind.ts';
import type { KindDefinition } from '../kind.ts';
import { storageClassKind } from './storage-class.ts';

/** The kinds of storage.k8s.io. */
export const storageKinds: readonly KindDefinition[] = [anyKind(storageClassKind)];
