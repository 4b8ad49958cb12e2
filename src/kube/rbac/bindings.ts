import { ageColumn, column, nameColumn } from '../columns.ts';
import { checkEnum, checkPresent, isSameJson } from '../checks.ts';
import { fieldInvalid, fieldNotSupported, FieldPath, type FieldError } from '../field-error.ts';
import type { Column, KindDefinition } from '../kind.ts';
import type { KubeObject } from '../meta.ts';
import { pathSegmentName } from '../names.ts';
import { rbacGroup } from './rules.ts';

export interface Subject {
  kind: 'User' | 'Group' | 'ServiceAccount';
  apiGroup?: string;
  name: string;
  /** Of service accounts only. */
  namespace?: string;
}

export interface RoleRef {
  apiGroup?: string;
  kind: 'Role' | 'ClusterRole';
  name: string;
}

/** `rbac.authorization.k8s.io/v1 RoleBinding`. */
export interface RoleBinding extends KubeObject {
  subjects?: Subject[];
  roleRef: RoleRef;
}

/** `rbac.authorization.k8s.io/v1 ClusterRoleBinding`. */
export type ClusterRoleBinding = RoleBinding;

const subjectKinds = ['Group', 'ServiceAccount', 'User'];

function setDefaults(binding: RoleBinding): void {
  if (binding.roleRef !== undefined) binding.roleRef.apiGroup ??= rbacGroup;
  for (const subject of binding.subjects ?? []) {
    if (subject.kind !== 'ServiceAccount') subject.apiGroup ??= rbacGroup;
  }
}

function subjectErrors(subject: Subject, path: FieldPath): FieldError[] {
  const { kind, name, namespace, apiGroup = '' } = subject;
  const named = checkPresent(path.child('name'), name);
  const group = path.child('apiGroup');
  if (kind === 'ServiceAccount') {
    return [
      ...named,
      ...(apiGroup === '' ? [] : [fieldNotSupported(group, apiGroup, [''])]),
      ...checkPresent(path.child('namespace'), namespace),
    ];
  }
  if (!subjectKinds.includes(kind)) {
    return [...named, fieldNotSupported(path.child('kind'), kind, subjectKinds)];
  }
  return [
    ...named,
    ...(apiGroup === rbacGroup ? [] : [fieldNotSupported(group, apiGroup, [rbacGroup])]),
  ];
}

function validateBinding(
  { subjects = [], roleRef }: RoleBinding,
  path: FieldPath,
  roleKinds: readonly string[],
): FieldError[] {
  const role = path.child('roleRef');
  return [
    ...checkEnum(role.child('apiGroup'), roleRef?.apiGroup, [rbacGroup]),
    ...checkEnum(role.child('kind'), roleRef?.kind, roleKinds),
    ...checkPresent(role.child('name'), roleRef?.name),
    ...subjects.flatMap((subject, at) => subjectErrors(subject, path.child('subjects').index(at))),
  ];
}

function validateChange(next: RoleBinding, previous: RoleBinding): FieldError[] {
  if (isSameJson(next.roleRef, previous.roleRef)) return [];
  return [fieldInvalid(new FieldPath('roleRef'), next.roleRef, 'cannot change roleRef')];
}

function names({ subjects = [] }: RoleBinding, kind: Subject['kind']): string {
  const chosen = subjects.filter((subject) => subject.kind === kind);
  const texts = chosen.map(({ name, namespace }) =>
    kind === 'ServiceAccount' ? `${namespace ?? ''}/${name}` : name,
  );
  return texts.join(', ');
}

const bindingColumns: readonly Column<RoleBinding>[] = [
  nameColumn,
  column('Role', 'The role it grants.', ({ roleRef }) => `${roleRef.kind}/${roleRef.name}`),
  ageColumn,
  column('Users', 'Users who get it.', (binding) => names(binding, 'User'), { wide: true }),
  column('Groups', 'Groups who get it.', (binding) => names(binding, 'Group'), { wide: true }),
  column(
    'ServiceAccounts',
    'Service accounts that get it.',
    (binding) => names(binding, 'ServiceAccount'),
    { wide: true },
  ),
];

export const roleBindingKind: KindDefinition<RoleBinding> = {
  group: rbacGroup,
  version: 'v1',
  kind: 'RoleBinding',
  plural: 'rolebindings',
  singular: 'rolebinding',
  namespaced: true,
  schema: 'io.k8s.api.rbac.v1.RoleBinding',
  hasStatus: false,
  hasGeneration: false,
  columns: bindingColumns,
  defaults: setDefaults,
  validateName: pathSegmentName,
  validate: (binding, path) => validateBinding(binding, path, ['Role', 'ClusterRole']),
  validateUpdate: validateChange,
};

export const clusterRoleBindingKind: KindDefinition<ClusterRoleBinding> = {
  group: rbacGroup,
  version: 'v1',
  kind: 'ClusterRoleBinding',
  plural: 'clusterrolebindings',
  singular: 'clusterrolebinding',
  namespaced: false,
  schema: 'io.k8s.api.rbac.v1.ClusterRoleBinding',
  hasStatus: false,
  hasGeneration: false,
  columns: bindingColumns,
  defaults: setDefaults,
  validateName: pathSegmentName,
  validate: (binding, path) => validateBinding(binding, path, ['ClusterRole']),
  validateUpdate: validateChange,
};
