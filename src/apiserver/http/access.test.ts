import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createPki } from '../authentication/pki.ts';
import { startTestServer, type TestServer } from '../testing/api-server.ts';
import { ask } from '../testing/http.ts';

describe('who may do what', () => {
  let server: TestServer;
  let token: string;
  before(async () => {
    server = await startTestServer();
    const accounts = '/api/v1/namespaces/default/serviceaccounts';
    await ask(server, accounts, { method: 'POST', body: { metadata: { name: 'robot' } } });
    const request = await ask(server, `${accounts}/robot/token`, {
      method: 'POST',
      body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} },
    });
    ({ token } = request.object['status'] as { token: string });
  });
  after(() => server.close());

  const pods = '/api/v1/namespaces/default/pods';

  it('lets a token do nothing until a role says so', async () => {
    const refused = await ask(server, pods, { token });
    assert.equal(refused.status, 403);
    assert.equal(
      refused.object.message,
      'pods is forbidden: User "system:serviceaccount:default:robot" cannot list resource "pods" in API group "" in the namespace "default"',
    );
    const rbac = '/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings';
    const binding = {
      metadata: { name: 'robot-views' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
      subjects: [{ kind: 'ServiceAccount', name: 'robot', namespace: 'default' }],
    };
    assert.equal((await ask(server, rbac, { method: 'POST', body: binding })).status, 201);
    assert.equal((await ask(server, pods, { token })).status, 200);
    const created = await ask(server, pods, { token, method: 'POST', body: {} });
    assert.equal(created.status, 403);
  });

  it('refuses a token that is not valid, and lets nobody see only the public paths', async () => {
    const refused = await ask(server, pods, { token: 'nonsense' });
    assert.equal(refused.status, 401);
    assert.equal(refused.object.reason, 'Unauthorized');
    const nobody = await ask(server, pods, { isAnonymous: true });
    assert.equal(nobody.status, 403);
    assert.match(nobody.object.message ?? '', /User "system:anonymous" cannot list/);
    assert.equal((await ask(server, '/healthz', { isAnonymous: true })).status, 200);
  });

  it('refuses a certificate of another authority', async () => {
    const stranger = { ...server, pki: { ...createPki({ now: Date.now() }), ca: server.pki.ca } };
    const refused = await ask(stranger, pods);
    assert.equal(refused.status, 401);
  });

  it('answers who somebody is and what they may do', async () => {
    const who = await ask(server, '/apis/authentication.k8s.io/v1/selfsubjectreviews', {
      method: 'POST',
      token,
      body: { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' },
    });
    const { userInfo } = who.object['status'] as { userInfo: { username: string } };
    assert.equal(userInfo.username, 'system:serviceaccount:default:robot');
    const may = await ask(server, '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
      method: 'POST',
      token,
      body: { spec: { resourceAttributes: { verb: 'delete', resource: 'nodes' } } },
    });
    assert.deepEqual(may.object['status'], { allowed: false });
    const review = await ask(server, '/apis/authentication.k8s.io/v1/tokenreviews', {
      method: 'POST',
      body: { spec: { token } },
    });
    assert.equal((review.object['status'] as { authenticated: boolean }).authenticated, true);
  });

  it('publishes the key of its tokens', async () => {
    const { object } = await ask(server, '/openid/v1/jwks');
    const [key] = object['keys'] as { alg: string }[];
    assert.equal(key?.alg, 'ES256');
  });

  it('lets masters be somebody else, and nobody else', async () => {
    const headers = { 'impersonate-user': 'jane' };
    assert.equal((await ask(server, '/api/v1/nodes', { headers })).status, 403);
    const refused = await ask(server, pods, { token, headers });
    assert.match(refused.object.message ?? '', /cannot impersonate resource "users"/);
  });
});
