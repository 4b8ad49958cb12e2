/** How a DNS server answers: a Corefile, understood. Zones and names are absolute and in lower case. */
export interface NamesConfig {
  readonly blocks: readonly ServerBlock[];
}

/** One server block: what happens to queries below its zones. */
export interface ServerBlock {
  readonly zones: readonly string[];
  readonly hasErrors: boolean;
  readonly log?: LogSettings;
  readonly health?: HealthSettings;
  readonly ready?: { readonly port: number };
  readonly prometheus?: { readonly port: number };
  readonly hasLoop: boolean;
  readonly hasReload: boolean;
  readonly isBalanced: boolean;
  readonly rewrites: readonly RewriteRule[];
  readonly autopath?: AutopathSettings;
  readonly hosts?: HostsSettings;
  readonly kubernetes?: KubernetesSettings;
  readonly cache?: CacheSettings;
  readonly forwards: readonly ForwardSettings[];
}

/** Which answers are logged. */
export type LogClass = 'all' | 'success' | 'denial' | 'error';

export interface LogSettings {
  readonly zones: readonly string[];
  readonly classes: readonly LogClass[];
}

export interface HealthSettings {
  readonly port: number;
  /** How long the server goes on answering after it was told to stop. */
  readonly lameduckMs: number;
}

export type PodMode = 'disabled' | 'insecure' | 'verified';

export interface KubernetesSettings {
  /** The cluster's zones, the primary first: where names of pointers end. */
  readonly zones: readonly string[];
  /** `in-addr.arpa.`, `ip6.arpa.` or parts of them. */
  readonly reverseZones: readonly string[];
  readonly pods: PodMode;
  /** Endpoints without a host name are named by their pod, not by their address. */
  readonly usesPodNames: boolean;
  /** Seconds, 0 to 3600. */
  readonly ttl: number;
  /** Zones in which a name that is not there is asked of the next responder. */
  readonly fallthrough: readonly string[];
  /** The only namespaces with names; empty means all. */
  readonly namespaces: readonly string[];
  /** A label selector of namespaces with names. */
  readonly namespaceLabels?: string;
  /** A label selector of Services with names. */
  readonly labels?: string;
  /** Services without a ready endpoint have no names. */
  readonly ignoresEmptyServices: boolean;
}

export interface AutopathSettings {
  readonly zones: readonly string[];
}

export interface HostEntry {
  readonly address: string;
  readonly names: readonly string[];
}

export interface HostsSettings {
  readonly zones: readonly string[];
  readonly entries: readonly HostEntry[];
  readonly ttl: number;
  readonly hasReverse: boolean;
  /** Absent when a name that is not there ends here. */
  readonly fallthrough?: readonly string[];
}

export type RewriteMatch = 'exact' | 'prefix' | 'suffix' | 'substring' | 'regex';

/** `rewrite name MATCH FROM TO` */
export interface RewriteRule {
  readonly match: RewriteMatch;
  readonly from: string;
  readonly to: string;
  /** Whether the rules after this one are tried on its outcome. */
  readonly goesOn: boolean;
}

/** Bounds of what is kept of one kind of answer; seconds. */
export interface CacheBounds {
  readonly capacity: number;
  readonly maxTtl: number;
  readonly minTtl: number;
}

export interface CacheSettings {
  readonly zones: readonly string[];
  readonly success?: CacheBounds;
  readonly denial?: CacheBounds;
  /** Seconds a SERVFAIL is kept; 0 to 300. */
  readonly servfailTtl: number;
}

export type ForwardPolicy = 'random' | 'round_robin' | 'sequential';

export interface ForwardSettings {
  readonly from: string;
  /** `IP`, `IP:PORT`, or the name of a file like `/etc/resolv.conf`. */
  readonly to: readonly string[];
  readonly except: readonly string[];
  readonly policy: ForwardPolicy;
  readonly forcesTcp: boolean;
  readonly prefersUdp: boolean;
  /** Failures in a row after which an upstream counts as down; 0 never. */
  readonly maxFails: number;
  readonly healthCheckMs: number;
  /** 0 means no limit. */
  readonly maxConcurrent: number;
  readonly expireMs: number;
}
