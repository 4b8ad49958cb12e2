import { anyKind } from '../any-kind.ts';
import type { KindDefinition } from '../kind.ts';
import { controllerRevisionKind } from './controller-revision.ts';
import { daemonSetKind } from './daemon-set.ts';
import { deploymentKind } from './deployment.ts';
import { replicaSetKind } from './replica-set.ts';
import { statefulSetKind } from './stateful-set.ts';

/** The kinds of apps, in discovery order. */
export const appsKinds: readonly KindDefinition[] = [
  anyKind(controllerRevisionKind),
  anyKind(daemonSetKind),
  anyKind(deploymentKind),
  anyKind(replicaSetKind),
  anyKind(statefulSetKind),
];
