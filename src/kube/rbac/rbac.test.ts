import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cells, defaulted, fieldErrors, updateErrors } from '../testing/kind-checks.ts';
import { clusterRoleBindingKind, roleBindingKind } from './bindings.ts';
import { clusterRoleKind } from './cluster-role.ts';
import { roleKind } from './role.ts';

const group = 'rbac.authorization.k8s.io';
const roleRef = { kind: 'ClusterRole', name: 'view' };

test('rules need verbs, groups and resources', () => {
  assert.deepEqual(fieldErrors(roleKind, { rules: [{ resources: ['pods'] }] }), [
    'rules[0].verbs: Required value: verbs must contain at least one value',
    'rules[0].apiGroups: Required value: resource rules must supply at least one api group',
  ]);
});

test('URLs belong to cluster roles, and stand alone', () => {
  const rules = [{ verbs: ['get'], nonResourceURLs: ['/healthz'] }];
  assert.deepEqual(fieldErrors(clusterRoleKind, { rules }), []);
  assert.deepEqual(fieldErrors(roleKind, { rules }), [
    'rules[0].nonResourceURLs: Invalid value: ["/healthz"]: namespaced rules cannot apply to non-resource URLs',
  ]);
  const mixed = [{ ...rules[0], apiGroups: [''], resources: ['pods'] }];
  assert.match(fieldErrors(clusterRoleKind, { rules: mixed })[0] ?? '', /both regular resources/);
});

test('bindings fill in groups and name who gets what', () => {
  const subjects = [
    { kind: 'User', name: 'ann' },
    { kind: 'ServiceAccount', name: 'default', namespace: 'web' },
  ];
  const binding = defaulted(roleBindingKind, { roleRef, subjects });
  assert.equal(binding.roleRef.apiGroup, group);
  assert.equal(binding.subjects?.[0]?.apiGroup, group);
  assert.deepEqual(fieldErrors(roleBindingKind, { roleRef, subjects }), []);
  const row = cells(roleBindingKind, { roleRef, subjects });
  assert.deepEqual(
    [row['Role'], row['Users'], row['Groups'], row['ServiceAccounts']],
    ['ClusterRole/view', 'ann', '', 'web/default'],
  );
});

test('subjects are checked by their kind', () => {
  const errors = (subject: object): string[] =>
    fieldErrors(roleBindingKind, { roleRef, subjects: [subject] });
  assert.deepEqual(errors({ kind: 'ServiceAccount', name: 'a' }), [
    'subjects[0].namespace: Required value',
  ]);
  assert.deepEqual(errors({ kind: 'Robot', name: 'a' }), [
    'subjects[0].kind: Unsupported value: "Robot": supported values: "Group", "ServiceAccount", "User"',
  ]);
});

test('a cluster role binding cannot grant a Role, and no binding changes its role', () => {
  assert.match(
    fieldErrors(clusterRoleBindingKind, { roleRef: { kind: 'Role', name: 'a' } })[0] ?? '',
    /^roleRef\.kind: Unsupported value: "Role"/,
  );
  const next = { roleRef: { kind: 'ClusterRole', name: 'edit' } };
  assert.match(updateErrors(roleBindingKind, next, { roleRef })[0] ?? '', /cannot change roleRef$/);
});
