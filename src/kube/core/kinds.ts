import { anyKind } from '../any-kind.ts';
import type { KindDefinition } from '../kind.ts';
import { configMapKind } from './config-map.ts';
import { endpointsKind } from './endpoints.ts';
import { eventKind } from './event.ts';
import { limitRangeKind } from './limit-range.ts';
import { namespaceKind } from './namespace.ts';
import { nodeKind } from './node.ts';
import { persistentVolumeClaimKind } from './persistent-volume-claim.ts';
import { persistentVolumeKind } from './persistent-volume.ts';
import { podKind } from './pod.ts';
import { podTemplateKind } from './pod-template.ts';
import { replicationControllerKind } from './replication-controller.ts';
import { resourceQuotaKind } from './resource-quota.ts';
import { secretKind } from './secret.ts';
import { serviceAccountKind } from './service-account.ts';
import { serviceKind } from './service.ts';

/** The kinds of the core group, in discovery order. */
export const coreKinds: readonly KindDefinition[] = [
  anyKind(configMapKind),
  anyKind(endpointsKind),
  anyKind(eventKind),
  anyKind(limitRangeKind),
  anyKind(namespaceKind),
  anyKind(nodeKind),
  anyKind(persistentVolumeClaimKind),
  anyKind(persistentVolumeKind),
  anyKind(podKind),
  anyKind(podTemplateKind),
  anyKind(replicationControllerKind),
  anyKind(resourceQuotaKind),
  anyKind(secretKind),
  anyKind(serviceAccountKind),
  anyKind(serviceKind),
];
