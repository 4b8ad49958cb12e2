import type { Condition, KubeObject, LabelSelector } from '../meta.ts';

export type PolicyTier = 'Admin' | 'Baseline';

/** `Accept` and `Deny` are final for a direction; `Pass` skips what is left of the tier. */
export type ClusterPolicyAction = 'Accept' | 'Deny' | 'Pass';

/** Pods by labels, in namespaces by labels; an empty selector means all. */
export interface NamespacedPods {
  namespaceSelector: LabelSelector;
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

/** No port is all ports of the protocol. */
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
