import type { Address } from '../ip/index.ts';

/** How nodes are asked whether they can take connections; what is absent follows from the Service. */
export interface HealthSettings {
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** Successes in a row that bring a node back. */
  readonly healthyThreshold: number;
  /** Failures in a row that take it out. */
  readonly unhealthyThreshold: number;
  readonly protocol?: 'TCP' | 'HTTP' | 'HTTPS';
  /** Of the node. */
  readonly port?: number;
  readonly path?: string;
}

/** What becomes of open connections when their node, their port or the whole Service leaves. */
export interface DrainSettings {
  /** False ends them at once. */
  readonly enabled: boolean;
  readonly timeoutMs: number;
}

/** What people can set for one load balancer, all defaults filled in. */
export interface BalancerSettings {
  readonly health: HealthSettings;
  readonly draining: DrainSettings;
  /** A TCP connection that is silent for so long is reset; 0 never. */
  readonly idleTimeoutMs: number;
  /** Not for clients outside: not published on the host. */
  readonly isInternal: boolean;
  /** Tells the endpoint who the client is, in a PROXY protocol header (version 1). */
  readonly proxyProtocol: boolean;
  /** External addresses that were asked for, at most one of each family. */
  readonly addresses: readonly Address[];
}

/**
 * Thresholds as clouds have them. Intervals are those of a machine where a check costs nothing and someone waits for the
 * answer (clouds: every 10 s); the drain time is that of the documented cloud; silence ends nothing unless asked to.
 */
export const defaultSettings: BalancerSettings = {
  health: { intervalMs: 2000, timeoutMs: 1000, healthyThreshold: 2, unhealthyThreshold: 2 },
  draining: { enabled: true, timeoutMs: 300_000 },
  idleTimeoutMs: 0,
  isInternal: false,
  proxyProtocol: false,
  addresses: [],
};
