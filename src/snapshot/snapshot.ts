import type {
  ClusterNetworkPolicy,
  EndpointSlice,
  Namespace,
  NetworkPolicy,
  Node,
  Pod,
  Service,
} from '../kube/index.ts';

/** The cluster at one moment, indexed by the questions the judgement asks. Nothing in it ever changes. */
export interface Snapshot {
  /** By `namespace/name`. */
  readonly services: ReadonlyMap<string, Service>;
  /** By `namespace/name` of their Service. */
  readonly slices: ReadonlyMap<string, readonly EndpointSlice[]>;
  /** By `namespace/name`. */
  readonly pods: ReadonlyMap<string, Pod>;
  /** By each address of a running pod's own; pods in their node's network have none of their own. */
  readonly podsByIP: ReadonlyMap<string, Pod>;
  /** By name. */
  readonly nodes: ReadonlyMap<string, Node>;
  /** By name; empty in a view that does not follow them. */
  readonly namespaces: ReadonlyMap<string, Namespace>;
  /** By `namespace/name`; empty in a view that does not follow them. */
  readonly policies: ReadonlyMap<string, NetworkPolicy>;
  /** By name; empty in a view that does not follow them. */
  readonly clusterPolicies: ReadonlyMap<string, ClusterNetworkPolicy>;
}
