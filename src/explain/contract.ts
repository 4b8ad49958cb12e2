import type { RuleRef } from '../policy/index.ts';
import type { RequestReason, RouteRef, Scheme } from '../routes/index.ts';
import type { HopReason } from './reasons.ts';

/** Changes when a field of {@link Story} changes its meaning or goes; new fields alone do not change it. */
export const SCHEMA_VERSION = 'portolan.explain/v1';

export type Transport = 'TCP' | 'UDP' | 'SCTP' | 'ICMP';

/** An object, as sentences and programs name it. */
export interface ObjectId {
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
}

/** Field names and positions in lists. */
export type FieldPath = readonly (string | number)[];

/** The stations of a connection, in the order in which it comes to them; `tls` and `request` are of an HTTP request. */
export type Step =
  | 'tls'
  | 'request'
  | 'dns'
  | 'name'
  | 'service'
  | 'egress'
  | 'route'
  | 'ingress'
  | 'listen';

/** What a step does with the connection; `unknown` where only a running cluster can tell. */
export type StepOutcome = 'passes' | 'stops' | 'unknown';

/** One sentence beside the one that counts: a near miss, a pod that is not ready, the nearest labels. */
export interface Detail {
  readonly sentence: string;
  readonly object?: ObjectId;
  readonly field?: string;
  /** `shop.yaml:12`, when the object came from a file. */
  readonly source?: string;
}

/** One station. `reason` is a stable code: `reasons.ts` and docs/explain.md have all of them. */
export interface Hop extends Detail {
  readonly step: Step;
  readonly outcome: StepOutcome;
  readonly reason: HopReason;
  /** The rule of a policy that decided. */
  readonly rule?: RuleRef;
  readonly details: readonly Detail[];
}

/** One end of a path. */
export interface End {
  /** `pod shop/web-0`, `node node1`, `outside`, or an address. */
  readonly name: string;
  readonly address?: string;
  readonly port?: number;
}

/** The way from one source to one destination; ways that differ in names alone are told as one. */
export interface Path {
  readonly source: End;
  /** Absent when the connection ends before it has one. */
  readonly destination?: End;
  readonly admits: boolean;
  readonly hops: readonly Hop[];
  /** Others of which the same holds. */
  readonly alike: readonly { readonly source: string; readonly destination?: string }[];
}

/** Objects that, applied, would admit the connection; judged again with them. */
export interface Change {
  /** One sentence for each. */
  readonly sentences: readonly string[];
  /** YAML to apply, several documents. */
  readonly manifest: string;
  /** Whether it admits then: what is left is told by {@link remaining}. */
  readonly admits: boolean;
  readonly remaining: readonly string[];
}

/** What became of a real connection. */
export interface LiveOutcome {
  readonly source: string;
  readonly target: string;
  readonly connected: boolean;
  /** `connected`, `refused`, `timed out`, `no reply`... */
  readonly observed: string;
  readonly agrees: boolean;
}

/** What an ingress controller makes of a request; the identifiers are those of its access log. */
export interface HttpStory {
  readonly scheme: Scheme;
  readonly host: string;
  /** Path and query as sent. */
  readonly target: string;
  readonly action: 'forward' | 'redirect' | 'respond';
  readonly reason: RequestReason;
  /** Of a redirect or an answer of the controller's own. */
  readonly status?: number;
  readonly location?: string;
  /** The rule that has the request; others that match, in the order of precedence. */
  readonly rule?: RouteRef;
  readonly runnersUp: readonly RouteRef[];
  /** `namespace/name` of the Secret whose certificate answers; absent for the self-signed one and without TLS. */
  readonly certificate?: string;
  /** `namespace/name:port` of the Service. */
  readonly backend?: string;
  /** What an endpoint is asked for. */
  readonly upstreamTarget?: string;
  /** `address:port` */
  readonly endpoints: readonly string[];
}

/** The whole answer; its JSON form is what `-o json` prints. */
export interface Story {
  readonly schemaVersion: typeof SCHEMA_VERSION;
  readonly from: string;
  readonly to: string;
  readonly protocol: Transport;
  /** Of every path. */
  readonly admits: boolean;
  readonly verdict: 'admits' | 'does not admit' | 'admits in part';
  /** When a URL was asked for. */
  readonly http?: HttpStory;
  readonly paths: readonly Path[];
  readonly change?: Change;
  readonly live?: readonly LiveOutcome[];
  readonly notes: readonly string[];
}
