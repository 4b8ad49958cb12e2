import { column, nameColumn } from '../columns.ts';
import { fieldInvalid, fieldRequired, type FieldError, type FieldPath } from '../field-error.ts';
import type { Column } from '../kind.ts';
import type { KubeObject } from '../meta.ts';

export const rbacGroup = 'rbac.authorization.k8s.io';

/** `rbac/v1 PolicyRule`. */
export interface PolicyRule {
  verbs: string[];
  apiGroups?: string[];
  resources?: string[];
  resourceNames?: string[];
  nonResourceURLs?: string[];
}

/** Roles show when they were made, not how old they are. */
export const roleColumns: readonly Column<KubeObject>[] = [
  nameColumn,
  column('Created At', 'When it was created.', ({ metadata }) => metadata.creationTimestamp ?? ''),
];

function targetErrors(rule: PolicyRule, isNamespaced: boolean, path: FieldPath): FieldError[] {
  const { nonResourceURLs = [], apiGroups = [], resources = [] } = rule;
  const urls = path.child('nonResourceURLs');
  if (nonResourceURLs.length > 0) {
    if (isNamespaced) {
      const message = 'namespaced rules cannot apply to non-resource URLs';
      return [fieldInvalid(urls, nonResourceURLs, message)];
    }
    const isMixed = apiGroups.length + resources.length + (rule.resourceNames ?? []).length > 0;
    const message = 'rules cannot apply to both regular resources and non-resource URLs';
    return isMixed ? [fieldInvalid(urls, nonResourceURLs, message)] : [];
  }
  return [
    ...(apiGroups.length > 0
      ? []
      : [
          fieldRequired(
            path.child('apiGroups'),
            'resource rules must supply at least one api group',
          ),
        ]),
    ...(resources.length > 0
      ? []
      : [
          fieldRequired(
            path.child('resources'),
            'resource rules must supply at least one resource',
          ),
        ]),
  ];
}

/** Checks the rules of a Role or ClusterRole as `ValidatePolicyRule` does. */
export function validateRules(
  rules: readonly PolicyRule[],
  path: FieldPath,
  { isNamespaced }: { readonly isNamespaced: boolean },
): FieldError[] {
  return rules.flatMap((rule, at) => [
    ...((rule.verbs ?? []).length > 0
      ? []
      : [fieldRequired(path.index(at).child('verbs'), 'verbs must contain at least one value')]),
    ...targetErrors(rule, isNamespaced, path.index(at)),
  ]);
}
