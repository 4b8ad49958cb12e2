import type { ClusterNetworkPolicy, NetworkPolicy } from '../../kube/index.ts';
import { selectorsOf } from '../matching/cluster-peer.ts';
import { isClusterPolicy } from '../selection.ts';
import { isReadable } from '../selectors.ts';
import type { Check, Remark } from './finding.ts';
import type { PeerView } from './rule-view.ts';

const why = 'has an operator that is not known here';

/** Selectors with an operator that labels do not have. Peers of ClusterNetworkPolicies make their whole rule fail closed. */
export const unreadableSelectors: Check = ({ policy, rules }) => [
  ...subjectRemarks(policy),
  ...(isClusterPolicy(policy)
    ? []
    : rules.flatMap(({ peers }) => peers.filter(isUnreadable).map(peerRemark))),
];

/** Whether it can be known which pods the policy is for. */
export function isSubjectReadable(policy: NetworkPolicy | ClusterNetworkPolicy): boolean {
  return subjectRemarks(policy).length === 0;
}

function subjectRemarks(policy: NetworkPolicy | ClusterNetworkPolicy): Remark[] {
  const code = 'SELECTOR_NOT_UNDERSTOOD';
  if (isClusterPolicy(policy)) {
    return selectorsOf(policy.spec.subject)
      .filter(({ selector }) => !isReadable(selector))
      .map(({ field }) => ({
        code,
        field: `spec.subject.${field}`,
        says: `${why}: the policy selects nobody`,
      }));
  }
  if (isReadable(policy.spec.podSelector ?? {})) return [];
  const says = `${why}: the policy isolates every pod of namespace ${policy.metadata.namespace} and admits nothing`;
  return [{ code, field: 'spec.podSelector', says }];
}

function isUnreadable({ selectors }: PeerView): boolean {
  const { namespace = {}, pods = {} } = selectors ?? {};
  return !isReadable(namespace) || !isReadable(pods);
}

function peerRemark({ field }: PeerView): Remark {
  return { code: 'SELECTOR_NOT_UNDERSTOOD', field, says: `${why}: it matches nothing` };
}
