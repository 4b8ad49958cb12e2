import type { RequestReason, RouteRef, RouteTable } from '../routes/index.ts';

/** One request, as logs and metrics tell it; the identifiers are those of explanations. */
export interface AccessRecord {
  /** Milliseconds since 1970, when the request came. */
  readonly time: number;
  readonly client: string;
  readonly scheme: 'http' | 'https';
  readonly protocol: string;
  readonly method: string;
  readonly host: string;
  readonly target: string;
  readonly status: number;
  readonly requestBytes: number;
  readonly responseBytes: number;
  readonly seconds: number;
  readonly reason: RequestReason;
  readonly route?: RouteRef;
  readonly backend?: string;
  /** `address:port`, in the order they were tried. */
  readonly upstreams: readonly string[];
  readonly requestId: string;
}

/** Where an engine listens and dials: inside the controller pod's network namespace. */
export interface EnginePlace {
  /** Pin of the namespace; undefined is that of the process. */
  readonly netns: string | undefined;
  readonly httpPort: number;
  readonly httpsPort: number;
  /** Believe the PROXY protocol header of whoever connects. */
  readonly proxyProtocol?: boolean;
}

export interface EngineOptions {
  readonly place: EnginePlace;
  /** Requests that ended since the last call, in order. */
  readonly onAccess: (records: readonly AccessRecord[]) => void;
  readonly log: (text: string) => void;
  /** Where files and sockets may be kept, in a folder that is gone after closing; the system's place when absent. */
  readonly directory?: string;
}

/**
 * What answers HTTP for a {@link RouteTable}. Every engine passes the suite in `testing/engine-suite.ts`. A table takes
 * effect for the next request, without closing a connection: not a WebSocket, not a request under way, not an idle one.
 */
export interface IngressEngine {
  /** Resolves when requests are answered by this table. */
  apply(table: RouteTable): Promise<void>;
  /** Requests and connections at this moment, and totals, for metrics. */
  counters(): { readonly active: number; readonly accepted: number; readonly requests: number };
  /** Lets requests under way end, at most `graceMs`, then closes. */
  close(graceMs?: number): Promise<void>;
}

export type EngineName = 'node' | 'haproxy';
