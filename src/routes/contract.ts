import type { FindingCode } from './codes.ts';
import type { BackendProtocol, RoutePolicy, SitePolicy } from './policy.ts';

export type Scheme = 'http' | 'https';

/** One path of one Ingress, as reasons and logs name it: `spec.rules[rule].http.paths[path]`; -1 for defaultBackend. */
export interface RouteRef {
  /** `namespace/name` */
  readonly ingress: string;
  readonly rule: number;
  readonly path: number;
}

/** How a path is compared. Query and fragment are not part of a path. */
export type PathMatch =
  /** Byte for byte. */
  | { readonly kind: 'exact'; readonly path: string }
  /** By elements between slashes, a trailing slash aside: `/foo` matches `/foo/bar`, not `/foobar`. */
  | { readonly kind: 'prefix'; readonly path: string }
  /** By characters: `/foo` matches `/foobar`; what ImplementationSpecific means to ingress-nginx without `use-regex`. */
  | { readonly kind: 'text'; readonly path: string }
  /** From the beginning of the path, upper and lower case alike, as ingress-nginx does. */
  | { readonly kind: 'regex'; readonly source: string; readonly pattern: RegExp };

/** An address that answers for a backend, straight from the EndpointSlices. */
export interface Upstream {
  readonly ip: string;
  readonly port: number;
  /** `namespace/name` of the pod, where the slice says. */
  readonly pod?: string;
}

/** Why a backend has no upstreams. */
export type BackendFault =
  | 'SERVICE_NOT_FOUND'
  | 'PORT_NOT_FOUND'
  | 'NO_ENDPOINTS'
  | 'RESOURCE_NOT_SUPPORTED';

/** `namespace/service:port protocol`, with ` vip` when the Service's own address is dialled. */
export type BackendId = string;

/** Where requests of a route go. Engines keep connection pools and counters by `id`. */
export interface Backend {
  readonly id: BackendId;
  readonly service?: string;
  /** As the Ingress writes it: number or name. */
  readonly port?: number | string;
  /** Never empty unless {@link fault} is set: a faulty backend answers 503. */
  readonly upstreams: readonly Upstream[];
  readonly fault?: BackendFault;
  readonly protocol: BackendProtocol;
}

/** Sends part of a route's requests elsewhere; header before cookie before weight. */
export interface Canary {
  readonly ref: RouteRef;
  readonly backend: BackendId;
  readonly header?: { readonly name: string; readonly value?: string; readonly pattern?: RegExp };
  readonly cookie?: string;
  /** Share of requests, of `total`. */
  readonly weight: number;
  readonly total: number;
}

export interface Route {
  readonly ref: RouteRef;
  /** '' matches every host. */
  readonly host: string;
  readonly match: PathMatch;
  readonly backend: BackendId;
  readonly canaries: readonly Canary[];
  readonly policy: RoutePolicy;
}

/** A certificate chain and its key, PEM. */
export interface Certificate {
  /** `namespace/name` of the Secret; absent for the self-signed fallback. */
  readonly secret?: string;
  readonly chain: string;
  readonly key: string;
}

/** Everything that answers to one name. */
export interface Site {
  /** Lower case; `*.foo.com` covers exactly one label; '' is every name that no other site has. */
  readonly host: string;
  /** In the order of precedence: the first that matches is it. */
  readonly routes: readonly Route[];
  readonly policy: SitePolicy;
  /** Absent when the site has no TLS of its own: then the fallback certificate answers. */
  readonly certificate?: Certificate;
  /** TLS connections for this name are handed on unopened. */
  readonly passthrough?: BackendId;
}

/** All that an engine needs to answer; replaced as a whole, parts that did not change keep their identity. */
export interface RouteTable {
  /** By host. */
  readonly sites: ReadonlyMap<string, Site>;
  /** All that routes refer to: endpoints come and go here, and leave the sites as they are. */
  readonly backends: ReadonlyMap<BackendId, Backend>;
  /** Where requests go that no route matches: 404 when absent. */
  readonly defaultBackend?: BackendId;
  readonly fallbackCertificate: Certificate;
}

export interface RequestFacts {
  readonly scheme: Scheme;
  /** Name of the TLS handshake. */
  readonly sni?: string;
  /** As sent; a port in it is ignored. */
  readonly host: string;
  readonly method: string;
  /** Path and query as sent. */
  readonly target: string;
  /** Names in lower case; values of several are joined. */
  readonly headers: { get(name: string): string | undefined };
  /** Where the client is, after PROXY protocol and trusted headers. */
  readonly client: string;
}

/** Stable codes of what becomes of a request. */
export type RequestReason =
  | 'FORWARDED'
  | 'FORWARDED_TO_CANARY'
  | 'DEFAULT_BACKEND'
  | 'NO_ROUTE'
  | 'NO_UPSTREAM'
  | 'REDIRECTED_TO_HTTPS'
  | 'REDIRECTED'
  | 'ADDRESS_NOT_ALLOWED'
  | 'BAD_REQUEST';

/** What becomes of a request, and why. */
export interface RequestVerdict {
  readonly action: 'forward' | 'redirect' | 'respond';
  readonly reason: RequestReason;
  /** Status of a redirect or response. */
  readonly status?: number;
  readonly location?: string;
  readonly site?: Site;
  readonly route?: Route;
  readonly backend?: Backend;
  /** Path and query to ask the upstream for. */
  readonly target?: string;
}

/** Something about an Ingress that its author should hear: an Event, and a warning when it is applied. */
export interface Finding {
  readonly ingress: string;
  readonly code: FindingCode;
  /** Where: `metadata.annotations[nginx.ingress.kubernetes.io/...]`, `spec.rules[0]...`. */
  readonly field: string;
  /** What is wrong and what to do. */
  readonly message: string;
}
