import type { ClusterNetworkPolicy, NetworkPolicy, Pod, Service } from '../../kube/index.ts';
import type { PolicyRef, PolicyWorld } from '../contract.ts';
import type { RuleView } from './rule-view.ts';

/** Stable codes, one for each way a policy is likely not to mean what it says. */
export type FindingCode =
  /** A selector with an operator that labels do not have. */
  | 'SELECTOR_NOT_UNDERSTOOD'
  | 'SELECTS_NO_POD'
  | 'PEER_MATCHES_NO_POD'
  | 'PEER_MATCHES_NO_NAMESPACE'
  | 'PORT_NAME_UNKNOWN'
  | 'PORT_OF_SERVICE'
  | 'BLOCKS_DNS'
  /** Of a ClusterNetworkPolicy: a rule that is not understood here fails closed. */
  | 'RULE_FAILS_CLOSED'
  | 'DOMAIN_NAMES_MATCH_NOTHING';

/** Something about a policy that its author should know. */
export interface PolicyFinding {
  readonly code: FindingCode;
  readonly policy: PolicyRef;
  /** `spec.ingress[0].from[0].podSelector`. */
  readonly field: string;
  /** One sentence that names the object and the field. */
  readonly message: string;
}

/** What policies are checked against; a `Snapshot` has it all. */
export interface FindingWorld extends PolicyWorld {
  /** By `namespace/name`. */
  readonly pods: ReadonlyMap<string, Pod>;
  /** By `namespace/name`. */
  readonly services: ReadonlyMap<string, Service>;
}

/** What every check gets. */
export interface Examined {
  readonly world: FindingWorld;
  readonly policy: NetworkPolicy | ClusterNetworkPolicy;
  readonly selected: readonly Pod[];
  readonly rules: readonly RuleView[];
}

/** What a check found; the rest of a {@link PolicyFinding} is the same for all of a policy's. */
export interface Remark {
  readonly code: FindingCode;
  readonly field: string;
  /** Follows the field in the sentence: `matches no pod`. */
  readonly says: string;
}

export type Check = (examined: Examined) => Remark[];
