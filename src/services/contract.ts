import type { Family } from '../ip/index.ts';
import type { EndpointSlice, ObjectMeta, Service } from '../kube/index.ts';

type Metadata = Pick<ObjectMeta, 'name' | 'namespace' | 'labels'>;

/** What the judgement reads of a `core/v1 Service`. */
export type ServiceObject = Pick<Service, 'spec' | 'status'> & { readonly metadata: Metadata };

/** What the judgement reads of a `discovery.k8s.io/v1 EndpointSlice`. */
export type SliceObject = Pick<EndpointSlice, 'addressType' | 'endpoints' | 'ports'> & {
  readonly metadata: Metadata;
};

/** The node from which the judgement looks. */
export interface Vantage {
  readonly nodeName: string;
  /** The first of each family is the one that NodePorts answer on. */
  readonly nodeIPs: readonly string[];
  /** Empty when the node says none. */
  readonly zone: string;
}

export type Protocol = 'TCP' | 'UDP' | 'SCTP';

/** One address that answers for a Service port. */
export interface Endpoint {
  readonly ip: string;
  readonly port: number;
  /** Empty when the slice does not say. */
  readonly nodeName: string;
  readonly zone: string;
  readonly ready: boolean;
  readonly serving: boolean;
  readonly terminating: boolean;
  /** Nodes and zones that the controller meant this endpoint for; empty without hints. */
  readonly forNodes: readonly string[];
  readonly forZones: readonly string[];
}

/** How a connection reaches the Service: decides policies and masquerading. */
export type Frontend = 'ClusterIP' | 'NodePort' | 'ExternalIP' | 'LoadBalancerIP';

/** Why endpoints were chosen. */
export type ForwardReason =
  | 'READY_ENDPOINTS'
  | 'READY_LOCAL_ENDPOINTS'
  | 'HINTED_NODE_ENDPOINTS'
  | 'HINTED_ZONE_ENDPOINTS'
  | 'TERMINATING_ENDPOINTS'
  | 'TERMINATING_LOCAL_ENDPOINTS';

/** Why there are none. */
export type RefusalReason = 'NO_ENDPOINTS' | 'NO_LOCAL_ENDPOINTS';

/**
 * Whose source address is rewritten, so that answers come back through this node: nobody's, that of sources outside
 * the pod addresses, or everybody's.
 */
export type Masquerading = 'never' | 'off-cluster' | 'always';

/** What becomes of a new connection. */
export type Verdict =
  | {
      readonly action: 'forward';
      /** One is picked at random; never empty, sorted, no duplicates. */
      readonly endpoints: readonly Endpoint[];
      readonly masquerade: Masquerading;
      readonly reason: ForwardReason;
    }
  | { readonly action: 'reject' | 'drop'; readonly reason: RefusalReason };

/** Connections of one client go to one endpoint for as long as it keeps coming. */
export interface Affinity {
  readonly kind: 'ClientIP';
  readonly timeoutSeconds: number;
}

/** One address and port that a node captures, and what becomes of new connections to it. */
export interface Capture {
  /** `namespace/name:portName` */
  readonly servicePort: string;
  readonly frontend: Frontend;
  readonly family: Family;
  /** For NodePort, the node's own address. */
  readonly ip: string;
  readonly port: number;
  readonly protocol: Protocol;
  readonly verdict: Verdict;
  /**
   * For connections from pods and from the node itself, where that differs from {@link verdict}: with external policy
   * Local they are not restricted to local endpoints (row 21 of the Services table).
   */
  readonly internal?: Verdict;
  /**
   * Endpoints that connections already open may stay with: all that still answer, whatever the policy chooses for new
   * ones (row 29).
   */
  readonly serving: readonly Endpoint[];
  readonly affinity?: Affinity;
  /** CIDRs that may use a load balancer's address; absent allows all. */
  readonly sourceRanges?: readonly string[];
}

/** Why a Service is not proxied at all. */
export type SkipReason =
  | 'HEADLESS'
  | 'HEADLESS_LABEL'
  | 'OTHER_PROXY'
  | 'EXTERNAL_NAME'
  | 'NO_CLUSTER_IP';

/** What a node answers on the healthCheckNodePort of a Service. */
export interface HealthCheck {
  readonly port: number;
  /** Ready endpoints of this node; none makes the node unhealthy for this Service. */
  readonly localEndpoints: number;
}

/** All that a node does for one Service. */
export interface Judgement {
  readonly captures: readonly Capture[];
  readonly healthCheck?: HealthCheck;
  /** Set when there are no captures because the Service is none of this proxy's. */
  readonly skipped?: SkipReason;
}
