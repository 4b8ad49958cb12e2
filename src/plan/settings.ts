/** What a node's plan needs to know besides the Services. Both families in every list. */
export interface PlanSettings {
  readonly nodeName: string;
  /** The addresses of all pods of the cluster: their source addresses are kept. */
  readonly podCIDRs: readonly string[];
  /** Addresses in these that no Service has are dropped (row 2 of the Services table). */
  readonly serviceCIDRs: readonly string[];
  /** Every address of every node: pods reach nodes without masquerading. */
  readonly nodeIPs: readonly string[];
}

/** The table that holds everything, one in `ip` and one in `ip6`. */
export const TABLE = 'portolan';

/**
 * The bit of the packet mark that asks postrouting for masquerading. It lives from the dstnat hook to postrouting of
 * one packet, where it is cleared, and is no interface to anyone: no other bit is read or written.
 */
export const MASQUERADE_MARK = 0x4000;
