import { apiextensionsKinds } from './apiextensions/kinds.ts';
import { appsKinds } from './apps/kinds.ts';
import { autoscalingKinds } from './autoscaling/kinds.ts';
import { batchKinds } from './batch/kinds.ts';
import { coordinationKinds } from './coordination/kinds.ts';
import { coreKinds } from './core/kinds.ts';
import { discoveryKinds } from './discovery/kinds.ts';
import type { KindDefinition } from './kind.ts';
import { networkingKinds } from './networking/kinds.ts';
import { policyKinds } from './policy/kinds.ts';
import { rbacKinds } from './rbac/kinds.ts';
import { schedulingKinds } from './scheduling/kinds.ts';
import { storageKinds } from './storage/kinds.ts';

/**
 * Every built-in kind in discovery order: the core group first, then one array for each group, whose
 * `GROUP/kinds.ts` lists its kinds in the order `kubectl api-resources` knows.
 */
export const kinds: readonly KindDefinition[] = [
  ...coreKinds,
  ...appsKinds,
  ...autoscalingKinds,
  ...batchKinds,
  ...networkingKinds,
  ...policyKinds,
  ...rbacKinds,
  ...storageKinds,
  ...apiextensionsKinds,
  ...schedulingKinds,
  ...coordinationKinds,
  ...discoveryKinds,
];
