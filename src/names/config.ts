/** How a DNS server answers: a Corefile, understood. Zones and names are absolute and in lower case. */
export interface NamesConfig {
  readonly blocks: readonly ServerBlock[];
}

/** One server block: what happens to queries below its zones. */
export interface ServerBlock {
  readonly zones: readonly string[];
  readonly errors?: ErrorsSettings;
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

/** Failures that match are told once in an interval, with their number. */
export interface Consolidation {
  readonly intervalMs: number;
  /** Source of the regular expression. */
  readonly pattern: string;
  readonly level: 'warning' | 'error' | 'info' | 'debug';
  /** Whether the first of them is told at once, too. */
  readonly showsFirst: boolean;
}

export interface ErrorsSettings {
  /** The first that matches takes a failure. */
  readonly consolidations: readonly Consolidation[];
  /** Whether a failure inside the server is told with where it happened. */
  readonly hasStack: boolean;
}

/** Which answers are logged. */
export type LogClass = 'all' | 'success' | 'denial' | 'error';

export interface LogSettings {
  readonly zones: readonly string[];
  readonly classes: readonly LogClass[];
  /** Text with placeholders like `{name}`. */
  readonly format: string;
  /** Answers that took longer are logged, whatever their class. */
  readonly minDurationMs?: number;
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
  /** Endpoints have no names, and so headless Services none. */
  readonly hidesEndpoints: boolean;
  /** Endpoints of headless Services have names by their topology zone, too. */
  readonly isZonal: boolean;
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

/** Popular answers are asked for anew before they end. */
export interface PrefetchSettings {
  /** Questions that make an answer popular. */
  readonly amount: number;
  /** The longest gap between two of them. */
  readonly gapMs: number;
  /** Share of the TTL that is left when it is asked for anew; 10 to 90. */
  readonly percentage: number;
}

/** Answers past their end are used, with a TTL of 0. */
export interface StaleSettings {
  /** For so long. */
  readonly forMs: number;
  /** Whether upstream is asked before such an answer is used, or after. */
  readonly isVerified: boolean;
}

export interface CacheSettings {
  readonly zones: readonly string[];
  readonly success?: CacheBounds;
  readonly denial?: CacheBounds;
  /** Seconds a SERVFAIL is kept; 0 to 300. */
  readonly servfailTtl: number;
  readonly prefetch?: PrefetchSettings;
  readonly stale?: StaleSettings;
  /** Whether answers carry the TTL that upstream gave them, not what is left of it. */
  readonly keepsTtl: boolean;
}

export type ForwardPolicy = 'random' | 'round_robin' | 'sequential';

/** How upstreams named `tls://` are known to be who they should be: PEM texts. */
export interface TlsSettings {
  readonly serverName?: string;
  readonly ca?: string;
  readonly certificate?: string;
  readonly key?: string;
}

export interface ForwardSettings {
  readonly from: string;
  /** `IP`, `IP:PORT`, `tls://IP[%NAME][:PORT]`, or the name of a file like `/etc/resolv.conf`. */
  readonly to: readonly string[];
  readonly except: readonly string[];
  readonly policy: ForwardPolicy;
  /** Over TCP, whatever the client asked over. */
  readonly forcesTcp: boolean;
  /** Over UDP first, also for a client that asked over TCP. */
  readonly prefersUdp: boolean;
  /** Failed probes in a row after which an upstream counts as down; 0 never. */
  readonly maxFails: number;
  readonly healthCheckMs: number;
  /** 0 means no limit. */
  readonly maxConcurrent: number;
  /** How long a connection is kept for the next question. */
  readonly expireMs: number;
  /** Connections that are kept for each upstream; 0 means no limit. */
  readonly maxIdle: number;
  readonly tls: TlsSettings;
  /** Response codes with which the next upstream is asked. */
  readonly failover: readonly number[];
  /** Response codes with which the next `forward` is asked. */
  readonly next: readonly number[];
  /** Whether an answer without records has the next `forward` asked, too. */
  readonly nextOnNoData: boolean;
  readonly healthCheck: { readonly isRecursive: boolean; readonly domain: string };
}
