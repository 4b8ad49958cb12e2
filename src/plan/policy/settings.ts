/** What enforcement knows of a cluster besides its policies. Both families in every list. */
export interface PolicySettings {
  /** The addresses of all pods of the cluster, known or not. */
  readonly podCIDRs: readonly string[];
  /**
   * Addresses that every node answers itself in the place of pods, as that of cluster DNS: packets to them end in the
   * input hook, where policies otherwise have no say.
   */
  readonly localServices: readonly string[];
  /** Addresses that no pod ever has, for pods that only try whether policies work: their drops are nobody's news. */
  readonly canaries: readonly string[];
}

/** The table that holds everything, one in `ip` and one in `ip6`. */
export const POLICY_TABLE = 'portolan-policy';

/** The nflog group of dropped packets, in every node's namespace; the prefix is the direction. */
export const DROP_LOG_GROUP = 4;
/** Bytes of a dropped packet that are logged: an IPv6 header with a few extensions, and ports. */
export const DROP_LOG_BYTES = 128;
/** Log records a second, and at once: what is counted is not limited. */
export const DROP_LOG_RATE = { perSecond: 200, burst: 500 } as const;
