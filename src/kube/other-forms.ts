import { anyKind } from './any-kind.ts';
import { extensionsNetworkPolicyKind } from './extensions/network-policy.ts';
import type { KindDefinition } from './kind.ts';
import { firstNetworkPolicyKind } from './net-alpha/network-policy.ts';

/**
 * Kinds that are served and not stored: earlier forms of stored ones. They come after all others in discovery, where
 * kubectl takes the first group that has a name: `networkpolicy` is that of networking.k8s.io.
 */
export const otherForms: readonly KindDefinition[] = [
  anyKind(extensionsNetworkPolicyKind),
  anyKind(firstNetworkPolicyKind),
];
