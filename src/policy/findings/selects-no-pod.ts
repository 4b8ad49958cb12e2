import { formatSelector } from '../../kube/index.ts';
import { isClusterPolicy } from '../selection.ts';
import { isSubjectReadable } from './unreadable-selectors.ts';
import type { Check } from './finding.ts';

/** A policy of nobody: mostly a label that was misspelt. */
export const selectsNoPod: Check = ({ policy, selected }) => {
  if (selected.length > 0 || !isSubjectReadable(policy)) return [];
  if (isClusterPolicy(policy)) {
    return [{ code: 'SELECTS_NO_POD', field: 'spec.subject', says: 'selects no pod' }];
  }
  const { metadata, spec } = policy;
  const says = `selects no pod of namespace ${metadata.namespace} (${formatSelector(spec.podSelector)})`;
  return [{ code: 'SELECTS_NO_POD', field: 'spec.podSelector', says }];
};
