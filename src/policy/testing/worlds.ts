import type {
  ClusterPolicyEgressRule,
  ClusterPolicyIngressRule,
  NetworkPolicy,
} from '../../kube/index.ts';
import { api, namespaces, nodes, otherWeb, outside, web } from './cast.ts';
import { clusterPolicyOf, policyOf, type WorldFacts } from './objects.ts';
import type { Case } from './rows.ts';

/** A world with one policy of namespace default. */
export function worldWith(spec: NetworkPolicy['spec']): WorldFacts {
  return { namespaces, policies: [policyOf('policy', spec)] };
}

/** Every pod is isolated in both directions, and nothing is admitted. */
export const closedWorld: WorldFacts = {
  namespaces,
  nodes,
  policies: ['default', 'other'].map((namespace) =>
    policyOf('closed', { podSelector: {}, policyTypes: ['Ingress', 'Egress'] }, namespace),
  ),
};

/** Whoever can connect to web, in every protocol: all of them may. */
export const everyone: readonly Case[] = [
  [api, web, 'TCP 80', true],
  [otherWeb, web, 'UDP 53', true],
  [outside, web, 'SCTP 1', true],
  [outside, web, 'ICMP', true],
];

/** The same connections: none of them may. */
export const nobody: readonly Case[] = everyone.map(([source, destination, to]) => [
  source,
  destination,
  to,
  false,
]);

/** Rules of ClusterNetworkPolicies about everybody. */
export const all = [{ namespaces: {} }];
export const deny: ClusterPolicyIngressRule = { action: 'Deny', from: all };
export const accept: ClusterPolicyIngressRule = { action: 'Accept', from: all };
export const pass: ClusterPolicyIngressRule = { action: 'Pass', from: all };

export function admin(...ingress: ClusterPolicyIngressRule[]) {
  return clusterPolicyOf('admin', { ingress });
}

export function baseline(...ingress: ClusterPolicyIngressRule[]) {
  return clusterPolicyOf('baseline', { tier: 'Baseline', ingress });
}

/** A world with one ClusterNetworkPolicy, of the Admin tier. */
export function egress(...egress: ClusterPolicyEgressRule[]): WorldFacts {
  return { namespaces, nodes, clusterPolicies: [clusterPolicyOf('egress', { egress })] };
}
