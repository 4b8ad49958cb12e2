import type { Address, Cidr } from '../ip/index.ts';
import type { ClusterNetworkPolicy, Namespace, NetworkPolicy, Node, Pod } from '../kube/index.ts';

/** Egress of the source and ingress of the destination are judged apart; both have to admit (row 33). */
export type Direction = 'egress' | 'ingress';

/**
 * IANA protocol number of what policies tell apart, or of anything else: a rule without ports admits all of them, a rule
 * with ports only what it names (rows 8, 39 to 41).
 */
export type ProtocolNumber = number;

/**
 * One end of a connection. A pod has its object, and an address once it has one; a node, a pod in its node's network
 * and the world outside have an address only.
 */
export interface Party {
  readonly address?: Address;
  /** Absent for whatever is not a pod with a network of its own (row 28). */
  readonly pod?: Pod;
  /** Name of the node whose own address this is, or that hosts {@link pod}. */
  readonly node?: string;
}

/** A connection about to begin, after translation: `port` is the pod's, not the Service's (row 29). */
export interface Attempt {
  readonly source: Party;
  readonly destination: Party;
  readonly protocol: ProtocolNumber;
  /** 0 for protocols without ports. */
  readonly port: number;
}

/** What the judgement reads of a cluster; a `Snapshot` has it all. */
export interface PolicyWorld {
  /** By name. */
  readonly namespaces: ReadonlyMap<string, Namespace>;
  /** By `namespace/name`. */
  readonly policies: ReadonlyMap<string, NetworkPolicy>;
  /** By name. */
  readonly clusterPolicies: ReadonlyMap<string, ClusterNetworkPolicy>;
  /** By name; their labels are what the `nodes` peers of ClusterNetworkPolicies read. */
  readonly nodes: ReadonlyMap<string, Node>;
  /** Blocks that pods get addresses of: whoever has one and is not known is a pod not known yet, and fails closed. */
  readonly podRanges?: readonly Cidr[];
}

/** A policy by kind and name, as verdicts name it. */
export interface PolicyRef {
  readonly kind: 'NetworkPolicy' | 'ClusterNetworkPolicy';
  readonly namespace?: string;
  readonly name: string;
  readonly tier?: 'Admin' | 'Baseline';
}

/** One rule of a policy: `spec.ingress[rule].from[peer]`, `.ports[port]`; -1 where it names none, or fails closed. */
export interface RuleRef {
  readonly policy: PolicyRef;
  readonly rule: number;
  readonly peer: number;
  readonly port: number;
  /** What a ClusterNetworkPolicy's rule does; NetworkPolicies only ever accept. */
  readonly action: 'Accept' | 'Deny' | 'Pass';
}

/** Stable codes, one for each way a direction can be decided. */
export type DirectionReason =
  /** This end is no pod that policies could select. */
  | 'NOT_A_POD'
  /** A pod reaches itself (row 24). */
  | 'OWN_ADDRESS'
  /** Between a pod and the node it runs on (rows 25, 26). */
  | 'OWN_NODE'
  | 'NO_POLICY_SELECTS'
  /** The peer's address is a pod's, of a pod that is not known: admitted only where no policy selects. */
  | 'UNKNOWN_POD'
  | 'RULE_ADMITS'
  | 'NO_RULE_ADMITS'
  | 'ADMIN_ACCEPTS'
  | 'ADMIN_DENIES'
  | 'BASELINE_ACCEPTS'
  | 'BASELINE_DENIES'
  /** Only ClusterNetworkPolicies select, and none of their rules decides. */
  | 'NO_RULE_DECIDES';

/** Why a rule of a selecting policy does not admit: the peers differ, or peers match and ports differ. */
export interface NearMiss {
  readonly policy: PolicyRef;
  /** -1 when the policy has no rule at all in this direction. */
  readonly rule: number;
  readonly missed: 'NO_RULES' | 'PEER' | 'PORT' | 'PROTOCOL' | 'NAMED_PORT';
  /** One sentence for a reader, e.g. `from[0].podSelector wants app=web, pod default/a has app=api`. */
  readonly detail: string;
}

/** The verdict of one direction. Words: admits, does not admit, no policy selects; a NetworkPolicy never denies. */
export interface DirectionVerdict {
  readonly direction: Direction;
  readonly admits: boolean;
  readonly reason: DirectionReason;
  /** Policies that select the pod in this direction, as they are read: by tier, priority, then name. */
  readonly selecting: readonly PolicyRef[];
  /** The rule that decided: first in order of the object; absent when nothing matched. */
  readonly decidedBy?: RuleRef;
  /** Only when not admitted: for every rule of the selecting policies, why not. */
  readonly misses: readonly NearMiss[];
}

/** The verdict on a connection. */
export interface ConnectionVerdict {
  readonly admits: boolean;
  readonly egress: DirectionVerdict;
  readonly ingress: DirectionVerdict;
}
