/** What a node's plan needs to know besides the Services. Both families in every list. */
export interface PlanSettings {
  readonly nodeName: string;
  /** The addresses of all pods of the cluster: their source addresses are kept. */
  readonly podCIDRs: readonly string[];
  /** Addresses in these that no Service has are dropped (row 2 of the Services table). */
  readonly serviceCIDRs: readonly string[];
  /** Every address of every node: pods reach nodes without masquerading. */
  readonly nodeIPs: readonly string[];
  /** How an endpoint is picked; `random` unless given. */
  readonly balancing?: Balancing;
}

/**
 * `random` is what Kubernetes does. `round-robin` takes the endpoints in turn: exactly so for one Service, and over all
 * Services together where several have as many endpoints, because they share a chain and so its counter.
 */
export type Balancing = 'random' | 'round-robin';

/** The table that holds everything, one in `ip` and one in `ip6`. */
export const TABLE = 'portolan';

/**
 * The bit of the packet mark that asks postrouting for masquerading, where it is cleared. Within the dstnat hook the
 * whole mark of a Service connection's first packet is our scratch register: every chain that ends there sets it to
 * this bit or to none.
 */
export const MASQUERADE_MARK = 0x4000;
