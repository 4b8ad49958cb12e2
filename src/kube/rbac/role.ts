import type { KindDefinition } from '../kind.ts';
import type { KubeObject } from '../meta.ts';
import { pathSegmentName } from '../names.ts';
import { rbacGroup, roleColumns, validateRules, type PolicyRule } from './rules.ts';

/** `rbac.authorization.k8s.io/v1 Role`. */
export interface Role extends KubeObject {
  rules?: PolicyRule[];
}

export const roleKind: KindDefinition<Role> = {
  group: rbacGroup,
  version: 'v1',
  kind: 'Role',
  plural: 'roles',
  singular: 'role',
  namespaced: true,
  schema: 'io.k8s.api.rbac.v1.Role',
  hasStatus: false,
  hasGeneration: false,
  columns: roleColumns,
  validateName: pathSegmentName,
  validate: ({ rules = [] }, path) =>
    validateRules(rules, path.child('rules'), { isNamespaced: true }),
};
