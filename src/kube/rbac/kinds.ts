import { anyKind } from '../any-kind.ts';
import type { KindDefinition } from '../kind.ts';
import { clusterRoleBindingKind, roleBindingKind } from './bindings.ts';
import { clusterRoleKind } from './cluster-role.ts';
import { roleKind } from './role.ts';

/** The kinds of rbac.authorization.k8s.io, in discovery order. */
export const rbacKinds: readonly KindDefinition[] = [
  anyKind(clusterRoleBindingKind),
  anyKind(clusterRoleKind),
  anyKind(roleBindingKind),
  anyKind(roleKind),
];
