import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseResourceInfo } from './request-info.ts';

const none = { namespace: '', name: '', subresource: '' };

describe('parseResourceInfo', () => {
  const rows: readonly (readonly [string, string, Record<string, string> | undefined])[] = [
    ['GET', '/api/v1/pods', { ...none, verb: 'list', group: '', version: 'v1', plural: 'pods' }],
    [
      'GET',
      '/api/v1/namespaces/default/pods?watch=true',
      { ...none, verb: 'watch', group: '', version: 'v1', plural: 'pods', namespace: 'default' },
    ],
    [
      'PUT',
      '/apis/apps/v1/namespaces/default/deployments/web/scale',
      {
        verb: 'update',
        group: 'apps',
        version: 'v1',
        plural: 'deployments',
        namespace: 'default',
        name: 'web',
        subresource: 'scale',
      },
    ],
    [
      'DELETE',
      '/api/v1/namespaces/default',
      { ...none, verb: 'delete', group: '', version: 'v1', plural: 'namespaces', name: 'default' },
    ],
    [
      'PUT',
      '/api/v1/namespaces/default/finalize',
      {
        ...none,
        verb: 'update',
        group: '',
        version: 'v1',
        plural: 'namespaces',
        name: 'default',
        subresource: 'finalize',
      },
    ],
    [
      'DELETE',
      '/apis/apps/v1/namespaces/a/deployments',
      {
        ...none,
        verb: 'deletecollection',
        group: 'apps',
        version: 'v1',
        plural: 'deployments',
        namespace: 'a',
      },
    ],
    [
      'GET',
      '/apis/rbac.authorization.k8s.io/v1/clusterroles/system%3Adiscovery',
      {
        ...none,
        verb: 'get',
        group: 'rbac.authorization.k8s.io',
        version: 'v1',
        plural: 'clusterroles',
        name: 'system:discovery',
      },
    ],
    ['GET', '/api', undefined],
    ['GET', '/api/v1', undefined],
    ['GET', '/apis/apps', undefined],
    ['GET', '/apis/apps/v1', undefined],
    ['GET', '/healthz', undefined],
    ['GET', '/api/v1/namespaces/a/pods/b/c/d/e', undefined],
  ];
  for (const [method, path, expected] of rows) {
    it(`${method} ${path}`, () => {
      assert.deepEqual(parseResourceInfo(method, new URL(path, 'https://host')), expected);
    });
  }
});
