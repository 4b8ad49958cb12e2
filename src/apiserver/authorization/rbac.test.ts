import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AnyObject } from '../../kube/index.ts';
import type { User } from '../authentication/user.ts';
import { forbidden, type ResourceAttributes } from './attributes.ts';
import { defaultClusterRoleBindings, defaultClusterRoles } from './default-roles.ts';
import { ruleAllows, type PolicyRule } from './policy-rule.ts';
import { Authorizer } from './rbac.ts';

const getPods: ResourceAttributes = {
  verb: 'get',
  group: '',
  resource: 'pods',
  subresource: '',
  namespace: 'default',
  name: 'web',
};

function rule(more: Partial<PolicyRule>): PolicyRule {
  return { verbs: ['get'], apiGroups: [''], resources: ['pods'], ...more };
}

describe('a rule', () => {
  const rows: readonly (readonly [string, PolicyRule, Partial<ResourceAttributes>, boolean])[] = [
    ['allows what it names', rule({}), {}, true],
    ['is for its verbs', rule({}), { verb: 'list' }, false],
    ['is for its groups', rule({}), { group: 'apps' }, false],
    ['is for its resources', rule({}), { resource: 'services' }, false],
    ['is not for subresources', rule({}), { subresource: 'log' }, false],
    ['names subresources', rule({ resources: ['pods/log'] }), { subresource: 'log' }, true],
    ['names one subresource of all', rule({ resources: ['*/log'] }), { subresource: 'log' }, true],
    [
      'names all',
      rule({ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }),
      { subresource: 'x' },
      true,
    ],
    ['is for its names', rule({ resourceNames: ['web'] }), {}, true],
    ['is not for other names', rule({ resourceNames: ['web'] }), { name: 'db' }, false],
    ['with names is not for lists', rule({ resourceNames: ['web'] }), { name: '' }, false],
  ];
  for (const [what, policy, change, expected] of rows) {
    it(what, () => assert.equal(ruleAllows(policy, { ...getPods, ...change }), expected));
  }

  it('names paths, with a star at the end', () => {
    const paths: PolicyRule = { verbs: ['get'], nonResourceURLs: ['/healthz', '/api/*'] };
    assert.equal(ruleAllows(paths, { verb: 'get', path: '/healthz' }), true);
    assert.equal(ruleAllows(paths, { verb: 'get', path: '/api/v1' }), true);
    assert.equal(ruleAllows(paths, { verb: 'get', path: '/metrics' }), false);
    assert.equal(ruleAllows(paths, getPods), false);
  });
});

function namespaced(kind: string, name: string, more: Record<string, unknown>): AnyObject {
  return { apiVersion: 'v1', kind, metadata: { name, namespace: 'default' }, ...more };
}

describe('the authorizer', () => {
  const objects: Readonly<Record<string, readonly AnyObject[]>> = {
    clusterroles: defaultClusterRoles(),
    clusterrolebindings: defaultClusterRoleBindings(),
    roles: [namespaced('Role', 'reader', { rules: [rule({ verbs: ['get', 'list'] })] })],
    rolebindings: [
      namespaced('RoleBinding', 'reads', {
        subjects: [{ kind: 'ServiceAccount', name: 'robot', namespace: 'default' }],
        roleRef: { kind: 'Role', name: 'reader' },
      }),
      namespaced('RoleBinding', 'edits', {
        subjects: [{ kind: 'User', name: 'jane' }],
        roleRef: { kind: 'ClusterRole', name: 'edit' },
      }),
      namespaced('RoleBinding', 'dangling', {
        subjects: [{ kind: 'User', name: 'joe' }],
        roleRef: { kind: 'Role', name: 'gone' },
      }),
    ],
  };
  const inNamespace = (object: AnyObject, namespace?: string): boolean =>
    object.metadata.namespace === undefined || object.metadata.namespace === namespace;
  const authorizer = new Authorizer({
    list: async (plural, namespace) =>
      (objects[plural] ?? []).filter((object) => inNamespace(object, namespace)),
    get: async (plural, name, namespace) =>
      objects[plural]?.find(
        (object) => object.metadata.name === name && inNamespace(object, namespace),
      ),
  });
  const user = (name: string, ...groups: string[]): User => ({ name, groups });
  const robot = user('system:serviceaccount:default:robot', 'system:authenticated');

  async function may(who: User, change: Partial<ResourceAttributes>): Promise<boolean> {
    return (await authorizer.decide(who, { ...getPods, ...change })).isAllowed;
  }

  it('lets masters do everything', async () => {
    assert.equal(await may(user('root', 'system:masters'), { verb: 'delete' }), true);
  });

  it('lets a service account do what its role says, in its namespace', async () => {
    assert.equal(await may(robot, {}), true);
    assert.equal(await may(robot, { verb: 'delete' }), false);
    assert.equal(await may(robot, { namespace: 'other' }), false);
    assert.equal(await may(robot, { namespace: '', verb: 'list', name: '' }), false);
  });

  it('says which binding decided', async () => {
    const { reason } = await authorizer.decide(robot, getPods);
    assert.equal(
      reason,
      'RBAC: allowed by RoleBinding "reads/default" of Role "reader" to ServiceAccount "robot/default"',
    );
  });

  it('knows the default roles', async () => {
    const jane = user('jane');
    assert.equal(await may(jane, { verb: 'create', subresource: 'exec' }), true);
    assert.equal(await may(jane, { verb: 'create', resource: 'deployments', group: 'apps' }), true);
    assert.equal(
      await may(jane, { verb: 'create', resource: 'roles', group: 'rbac.authorization.k8s.io' }),
      false,
    );
  });

  it('grants nothing by a role that is not there', async () => {
    assert.equal(await may(user('joe'), {}), false);
  });

  it('lets everybody see the version, and the authenticated the API', async () => {
    const nobody = user('system:anonymous', 'system:unauthenticated');
    const path = async (who: User, text: string): Promise<boolean> =>
      (await authorizer.decide(who, { verb: 'get', path: text })).isAllowed;
    assert.equal(await path(nobody, '/version'), true);
    assert.equal(await path(nobody, '/api'), false);
    assert.equal(await path(robot, '/apis/apps/v1'), true);
    assert.equal(await path(robot, '/metrics'), false);
  });
});

describe('forbidden', () => {
  const robot: User = { name: 'system:serviceaccount:default:default', groups: [] };
  const rows: readonly (readonly [Partial<ResourceAttributes>, string])[] = [
    [
      { verb: 'list', name: '' },
      'pods is forbidden: User "system:serviceaccount:default:default" cannot list resource "pods" in API group "" in the namespace "default"',
    ],
    [
      { subresource: 'log' },
      'pods/log "web" is forbidden: User "system:serviceaccount:default:default" cannot get resource "pods/log" in API group "" in the namespace "default"',
    ],
    [
      { verb: 'list', resource: 'deployments', group: 'apps', namespace: '', name: '' },
      'deployments.apps is forbidden: User "system:serviceaccount:default:default" cannot list resource "deployments" in API group "apps" at the cluster scope',
    ],
  ];
  for (const [change, message] of rows) {
    it(message, () => assert.equal(forbidden(robot, { ...getPods, ...change }).message, message));
  }

  it('says it of paths', () => {
    const error = forbidden(robot, { verb: 'get', path: '/metrics' });
    assert.equal(
      error.message,
      'forbidden: User "system:serviceaccount:default:default" cannot get path "/metrics"',
    );
  });
});
