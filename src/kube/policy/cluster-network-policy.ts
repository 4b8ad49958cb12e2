import { ageColumn, column, nameColumn } from '../columns.ts';
import type { FieldError, FieldPath } from '../field-error.ts';
import type { KindDefinition } from '../kind.ts';
import type { Condition, KubeObject, LabelSelector } from '../meta.ts';
import { compileStructural } from '../schema/structural/structural.ts';
import { clusterNetworkPolicySchema } from './cluster-network-policy-schema.ts';
import { validateRules } from './validate-cluster-network-policy.ts';

export type PolicyTier = 'Admin' | 'Baseline';

/** `Accept` and `Deny` are final for a direction; `Pass` skips what is left of the tier. */
export type ClusterPolicyAction = 'Accept' | 'Deny' | 'Pass';

/** Pods by labels, in namespaces by labels; an empty selector means all, and so does no namespace selector. */
export interface NamespacedPods {
  namespaceSelector?: LabelSelector;
  podSelector: LabelSelector;
}

/** Exactly one field is set. Pods in their node's network are never selected. */
export interface ClusterPolicySubject {
  namespaces?: LabelSelector;
  pods?: NamespacedPods;
}

/**
 * Exactly one field is set. A peer without any of them is of a later version of the API and fails closed: an `Accept`
 * with such a peer matches nothing, a `Deny` or `Pass` denies all.
 */
export type ClusterPolicyIngressPeer = ClusterPolicySubject;

/** Like {@link ClusterPolicyIngressPeer}. */
export interface ClusterPolicyEgressPeer extends ClusterPolicySubject {
  /** Nodes by labels: the addresses of the nodes themselves. */
  nodes?: LabelSelector;
  /** CIDRs of either family. */
  networks?: string[];
  /** Names, or `*.` and a suffix, which stands for one or more labels; only with `Accept`. */
  domainNames?: string[];
}

/** Exactly one field is set; both ends of a range are inclusive. */
export interface ClusterPolicyPort {
  number?: number;
  range?: { start: number; end: number };
}

export interface ClusterPolicyPortMatch {
  destinationPort?: ClusterPolicyPort;
}

/** Exactly one field is set. */
export interface ClusterPolicyProtocol {
  tcp?: ClusterPolicyPortMatch;
  udp?: ClusterPolicyPortMatch;
  sctp?: ClusterPolicyPortMatch;
  /** Name of a container port, with its own protocol. */
  destinationNamedPort?: string;
}

export interface ClusterPolicyIngressRule {
  name?: string;
  action: ClusterPolicyAction;
  from: ClusterPolicyIngressPeer[];
  /** Absent: all protocols and ports. */
  protocols?: ClusterPolicyProtocol[];
}

export interface ClusterPolicyEgressRule {
  name?: string;
  action: ClusterPolicyAction;
  to: ClusterPolicyEgressPeer[];
  /** Absent: all protocols and ports. */
  protocols?: ClusterPolicyProtocol[];
}

/** `policy.networking.k8s.io/v1alpha2 ClusterNetworkPolicy`, bundle v0.2.0 with its experimental fields. */
export interface ClusterNetworkPolicy extends KubeObject {
  spec: {
    tier: PolicyTier;
    /** 0 to 1000; lower ones are read first. The order of equal ones is the implementation's. */
    priority: number;
    subject: ClusterPolicySubject;
    ingress?: ClusterPolicyIngressRule[];
    egress?: ClusterPolicyEgressRule[];
  };
  status?: { conditions: Condition[] };
}

const structural = compileStructural(clusterNetworkPolicySchema);

/** Rules are asked only of what has the right shape. */
function validate(policy: ClusterNetworkPolicy, path: FieldPath): FieldError[] {
  const errors = structural.validate(policy);
  return errors.length > 0 ? errors : validateRules(policy, path);
}

/**
 * Served as other clusters serve it, as a custom resource, but known from the start. Whoever applies the definition of
 * another version gets that one's fields instead: judgement meets peers that it does not know, and fails closed.
 */
export const clusterNetworkPolicyKind: KindDefinition<ClusterNetworkPolicy> = {
  group: 'policy.networking.k8s.io',
  version: 'v1alpha2',
  kind: 'ClusterNetworkPolicy',
  plural: 'clusternetworkpolicies',
  singular: 'clusternetworkpolicy',
  shortNames: ['cnp'],
  namespaced: false,
  schema: 'io.k8s.networking.policy.v1alpha2.ClusterNetworkPolicy',
  structural,
  hasStatus: true,
  hasGeneration: true,
  columns: [
    nameColumn,
    column('Tier', 'Asked before or after NetworkPolicies.', ({ spec }) => spec.tier),
    column('Priority', 'The order within the tier.', ({ spec }) => String(spec.priority)),
    ageColumn,
  ],
  defaults: (policy) => structural.prune(policy),
  prepareCreate: (policy) => {
    delete policy.status;
  },
  validate,
};
