import type { KindDefinition } from '../kind.ts';
import { fieldRequired, type FieldError, type FieldPath } from '../field-error.ts';
import type { KubeObject, LabelSelector } from '../meta.ts';
import { pathSegmentName } from '../names.ts';
import { validateLabelSelector } from '../validate-selector.ts';
import { rbacGroup, roleColumns, validateRules, type PolicyRule } from './rules.ts';

/** `rbac.authorization.k8s.io/v1 ClusterRole`. */
export interface ClusterRole extends KubeObject {
  rules?: PolicyRule[];
  aggregationRule?: { clusterRoleSelectors?: LabelSelector[] };
}

function aggregationErrors(rule: ClusterRole['aggregationRule'], path: FieldPath): FieldError[] {
  if (rule === undefined) return [];
  const selectors = rule.clusterRoleSelectors ?? [];
  const at = path.child('clusterRoleSelectors');
  if (selectors.length === 0) {
    const message = 'at least one clusterRoleSelector required if aggregationRule is non-nil';
    return [fieldRequired(at, message)];
  }
  return selectors.flatMap((selector, index) => validateLabelSelector(selector, at.index(index)));
}

export const clusterRoleKind: KindDefinition<ClusterRole> = {
  group: rbacGroup,
  version: 'v1',
  kind: 'ClusterRole',
  plural: 'clusterroles',
  singular: 'clusterrole',
  namespaced: false,
  schema: 'io.k8s.api.rbac.v1.ClusterRole',
  hasStatus: false,
  hasGeneration: false,
  columns: roleColumns,
  validateName: pathSegmentName,
  validate: ({ rules = [], aggregationRule }, path) => [
    ...validateRules(rules, path.child('rules'), { isNamespaced: false }),
    ...aggregationErrors(aggregationRule, path.child('aggregationRule')),
  ],
};
