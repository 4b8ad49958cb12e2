import { anyKind } from '../any-kind.ts';
import type { KindDefinition } from '../kind.ts';
import { configMapKind } from './config-map.ts';
import { endpointsKind } from './endpoints.ts';
import { eventKind } from './event.ts';
import { namespaceKind } from './namespace.ts';
import { nodeKind } from './node.ts';
import { podKind } from './pod.ts';
import { secretKind } from './secret.ts';
import { serviceAccountKind } from './service-account.ts';
import { serviceKind } from './service.ts';

/** The kinds of the core group, in discovery order. */
export const coreKinds: readonly KindDefinition[] = [
  anyKind(configMapKind),
  anyKind(endpointsKind),
  anyKind(eventKind),
  anyKind(namespaceKind),
  anyKind(nodeKind),
  anyKind(podKind),
  anyKind(secretKind),
  anyKind(serviceAccountKind),
  anyKind(serviceKind),
];
