import type { EnginePlace } from '../engine.ts';
import type { TableDelta } from './table-delta.ts';

/** Where the embedded engine listens; behind another proxy, which hands it single requests or connections. */
export interface NodeEnginePlace extends EnginePlace {
  /** All addresses when absent. */
  readonly address?: string;
  /** What the other proxy listens on, for `X-Forwarded-Port`; this engine's own ports when absent. */
  readonly publicPorts?: { readonly http: number; readonly https: number };
  /** Requests are https where the PROXY protocol's header says that the client came over TLS. */
  readonly opensTlsBefore?: boolean;
}

/** What the worker is started with. */
export interface WorkerStart {
  readonly place: NodeEnginePlace;
  /** Three numbers, by {@link COUNTERS}. */
  readonly counters: SharedArrayBuffer;
}

/** Places of the counters in a `Float64Array` that only the worker writes: aligned doubles are never seen half written. */
export const COUNTERS = { active: 0, accepted: 1, requests: 2 } as const;
export const COUNTERS_BYTES = 3 * Float64Array.BYTES_PER_ELEMENT;

export type Command =
  | { readonly kind: 'apply'; readonly id: number; readonly delta: TableDelta }
  | { readonly kind: 'close'; readonly graceMs: number };

export type Report =
  | {
      readonly kind: 'listening';
      readonly ports: { readonly http: number; readonly https: number };
    }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'applied'; readonly id: number }
  /** Access records as JSON: cheaper for both threads than cloning each. */
  | { readonly kind: 'access'; readonly records: string }
  | { readonly kind: 'log'; readonly text: string }
  | { readonly kind: 'closed' };
