import type { AnyObject } from '../kube/meta.ts';

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
}

/** How a connection reached the Service: decides policies and masquerading. */
export type Frontend = 'ClusterIP' | 'NodePort' | 'ExternalIP' | 'LoadBalancerIP';

/** One address and port that a node captures, and what becomes of a new connection to it. */
export interface Capture {
  /** `namespace/name:portName` */
  readonly servicePort: string;
  readonly frontend: Frontend;
  /** For NodePort, the node's own address. */
  readonly ip: string;
  readonly port: number;
  readonly protocol: 'TCP' | 'UDP' | 'SCTP';
  readonly verdict:
    | {
        readonly action: 'forward';
        readonly endpoints: readonly Endpoint[];
        readonly masquerade: boolean;
      }
    | { readonly action: 'reject' | 'drop' };
  /** Why, as a stable code: `READY_ENDPOINTS`, `NO_ENDPOINTS`, `NO_LOCAL_ENDPOINTS`, `TERMINATING_ENDPOINTS`... */
  readonly reason: string;
}

/** The objects the judgement reads, indexed once; immutable. */
export interface ServiceView {
  readonly services: ReadonlyMap<string, AnyObject>;
  /** EndpointSlices under `namespace/serviceName`. */
  readonly slices: ReadonlyMap<string, readonly AnyObject[]>;
}

/** The node from which the judgement looks. */
export interface Vantage {
  readonly nodeName: string;
  readonly nodeIPs: readonly string[];
  readonly zone: string;
}
