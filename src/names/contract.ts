import type { ResourceRecord } from '../dnswire/index.ts';
import type { Snapshot } from '../snapshot/index.ts';
import type { ForwardSettings } from './config.ts';

/** One question, and who asks. */
export interface NameQuery {
  /** Absolute, in the case it was asked in. */
  readonly name: string;
  readonly type: number;
  readonly class: number;
  /** Canonical text of the client's address; `undefined` when nobody in particular asks. */
  readonly source: string | undefined;
}

/** What the judgement looks at besides the question. */
export interface NameWorld {
  readonly snapshot: Snapshot;
  /** False while the snapshot may lack objects: what is not there may then be there. */
  readonly isSynced: boolean;
  /** Serial number of the zone: larger after a change. */
  readonly serial: number;
  /** The search domains of the node, which every pod's search path ends with. */
  readonly hostSearch: readonly string[];
  /** Addresses of the cluster's own name server, for `ns.dns.ZONE`. */
  readonly serverAddresses: readonly string[];
}

/** Why an answer is what it is. */
export type NameReason =
  // There is an answer.
  | 'CLUSTER_IP'
  | 'HEADLESS_ENDPOINTS'
  | 'ENDPOINT'
  | 'SERVICE_PORT'
  | 'EXTERNAL_NAME'
  | 'POD_ADDRESS'
  | 'REVERSE_SERVICE'
  | 'REVERSE_ENDPOINT'
  | 'ZONE'
  | 'SCHEMA_VERSION'
  | 'HOSTS'
  // The name is there, the type is not.
  | 'NO_SUCH_TYPE'
  | 'EMPTY_NON_TERMINAL'
  // The name is not there.
  | 'NO_SUCH_NAME'
  | 'NO_SUCH_NAMESPACE'
  | 'NAMESPACE_NOT_SERVED'
  | 'NO_SUCH_SERVICE'
  | 'SERVICE_NOT_SERVED'
  | 'SERVICE_HAS_NO_ADDRESS'
  | 'NO_READY_ENDPOINTS'
  | 'NO_SUCH_ENDPOINT'
  | 'NO_SUCH_PORT'
  | 'NO_SUCH_POD'
  | 'POD_NAMES_DISABLED'
  | 'NO_SUCH_ADDRESS'
  // Others know, or nobody may ask.
  | 'FORWARDED'
  | 'NOT_SYNCED'
  | 'ALIAS_LOOP'
  | 'CLASS_REFUSED'
  | 'TRANSFER_REFUSED'
  | 'NO_RESPONDER';

/** One thing a responder did on the way, for whoever tells the story. */
export interface NameStep {
  /** `rewrite`, `autopath`, `hosts`, `kubernetes` or `forward`. */
  readonly responder: string;
  /** The name it looked at. */
  readonly name: string;
  readonly reason: NameReason | 'REWRITTEN' | 'SEARCH_PATH';
  /** `Service default/web`, `Pod default/web-0`: the object that decided, where there is one. */
  readonly object?: string;
}

/** The sections of an answer. */
export interface NameReply {
  /** One of `rcodes`. */
  readonly rcode: number;
  readonly isAuthoritative: boolean;
  readonly answers: readonly ResourceRecord[];
  readonly authorities: readonly ResourceRecord[];
  readonly additionals: readonly ResourceRecord[];
}

/** A question for an upstream server, and how its answer becomes one to ours. */
export interface UpstreamQuestion {
  readonly kind: 'ask';
  readonly forward: ForwardSettings;
  /** Asked after `forward`, in turn, as long as the answer is one of those for which the one before wants the next. */
  readonly others: readonly ForwardSettings[];
  readonly name: string;
  readonly type: number;
  /** Records before those of the upstream: how the client's name leads to `name`. */
  readonly prefix: readonly ResourceRecord[];
  /** Records of `name` are given this owner: a rewrite that the client must not see. */
  readonly owner?: string;
  /** A CNAME from this name to the first owner is added: the search path that the client walks. */
  readonly searched?: string;
}

/** An answer that is known already, among questions that are not. */
export interface KnownReply {
  readonly kind: 'known';
  readonly reply: NameReply;
}

/** What becomes of a question: the answer, or whom to ask. The last of `steps` says why. */
export type NameVerdict =
  | {
      readonly action: 'answer';
      readonly reply: NameReply;
      readonly steps: readonly NameStep[];
    }
  | {
      readonly action: 'forward';
      /** Tried in turn until one gives something else than NXDOMAIN or a failure. */
      readonly attempts: readonly (UpstreamQuestion | KnownReply)[];
      /** The answer when none does; the last attempt's own when absent. */
      readonly otherwise?: NameReply;
      readonly steps: readonly NameStep[];
    };
