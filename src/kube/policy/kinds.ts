import { anyKind } from '../any-kind.ts';
import type { KindDefinition } from '../kind.ts';
import { clusterNetworkPolicyKind } from './cluster-network-policy.ts';
import { podDisruptionBudgetKind } from './pod-disruption-budget.ts';

/** The kinds of policy and policy.networking.k8s.io; Eviction is a subresource, not a kind of its own. */
export const policyKinds: readonly KindDefinition[] = [
  anyKind(podDisruptionBudgetKind),
  anyKind(clusterNetworkPolicyKind),
];
