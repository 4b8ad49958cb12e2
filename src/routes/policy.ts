/** What a proxy speaks to an upstream. */
export type BackendProtocol = 'http' | 'https' | 'h2c' | 'grpc' | 'grpcs' | 'auto';

/** What the annotations of an Ingress ask for, for one route: parsed into types, never into configuration text. */
export interface RoutePolicy {
  /** Path to ask the upstream for; `$1` stands for a group of the route's regular expression. */
  readonly rewrite?: string;
  readonly redirect?: { readonly status: number; readonly to: string };
  /** Status of the redirect of http to https; absent leaves http alone. */
  readonly httpsRedirect?: number;
  readonly allow?: readonly string[];
  readonly deny?: readonly string[];
  readonly limits?: Limits;
  readonly cors?: Cors;
  readonly basicAuth?: Credentials;
  readonly digestAuth?: Credentials;
  readonly externalAuth?: ExternalAuth;
  readonly affinity?: CookieAffinity;
  /** Template of what is hashed to choose an upstream, e.g. `$request_uri`. */
  readonly hashBy?: HashKey;
  readonly timeouts: Timeouts;
  /** Bytes; 0 does not limit. 413 beyond. */
  readonly maxBodyBytes: number;
  readonly retry: Retry;
  /** Statuses of the upstream that the error backend answers instead. */
  readonly customErrors?: { readonly statuses: readonly number[]; readonly backendId: string };
  /** Answers where the backend has no endpoints: the annotation default-backend. */
  readonly errorBackendId?: string;
  readonly responseHeaders?: readonly (readonly [name: string, value: string])[];
  readonly mirror?: { readonly url: string; readonly withBody: boolean };
  readonly upstreamHost?: string;
  readonly xForwardedPrefix?: string;
  /** Names and passwords of upstream TLS. */
  readonly upstreamTls?: { readonly verify: boolean; readonly name?: string; readonly ca?: string };
}

/** What holds for all routes of a host. */
export interface SitePolicy {
  /** Where `/` is sent. */
  readonly appRoot?: string;
  /** The name that requests for this one are sent to: from-to-www-redirect. */
  readonly canonicalHost?: string;
  readonly clientCertificate?: ClientCertificate;
}

export interface Limits {
  readonly perSecond?: number;
  readonly perMinute?: number;
  readonly burstMultiplier: number;
  readonly connections?: number;
  /** CIDRs that are not limited. */
  readonly exempt: readonly string[];
}

export interface Cors {
  readonly origins: readonly string[];
  readonly methods: string;
  readonly headers: string;
  readonly exposeHeaders?: string;
  readonly credentials: boolean;
  readonly maxAgeSeconds: number;
}

/** htpasswd lines by user; absent Secrets refuse everybody with 503. */
export interface Credentials {
  readonly realm: string;
  readonly users?: ReadonlyMap<string, string>;
}

export interface ExternalAuth {
  readonly url: string;
  readonly method?: string;
  readonly signin?: string;
  readonly responseHeaders: readonly string[];
  readonly requestHeaders: readonly (readonly [name: string, value: string])[];
}

export interface CookieAffinity {
  readonly name: string;
  readonly path?: string;
  readonly maxAgeSeconds?: number;
  readonly sameSite?: 'None' | 'Lax' | 'Strict';
  /** Absent: where the request came over https. */
  readonly secure?: boolean;
  readonly changeOnFailure: boolean;
}

/** Parts of a hash key: text, or a fact of the request. */
export type HashKey = readonly (
  | { readonly text: string }
  | {
      readonly fact: 'uri' | 'path' | 'host' | 'client' | 'argument' | 'header' | 'cookie';
      readonly name?: string;
    }
)[];

/** Milliseconds. */
export interface Timeouts {
  readonly connect: number;
  readonly send: number;
  readonly read: number;
}

export interface Retry {
  /** On which outcomes the next upstream is tried; never after bytes of a request that is not idempotent were sent. */
  readonly on: readonly ('error' | 'timeout' | 'non-idempotent' | number)[];
  readonly tries: number;
  readonly timeout: number;
}

export interface ClientCertificate {
  readonly mode: 'required' | 'optional' | 'optional-no-ca';
  /** PEM; absent when the Secret is missing: then every request is refused. */
  readonly ca?: string;
  readonly errorPage?: string;
  readonly passToUpstream: boolean;
}
