import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { deployment } from '../registry/testing/registry.ts';
import { startTestServer, type TestServer } from '../testing/api-server.ts';
import { ask } from '../testing/http.ts';

describe('discovery', () => {
  let server: TestServer;
  before(async () => {
    server = await startTestServer();
  });
  after(() => server.close());

  it('lists resources with their subresources', async () => {
    const { object } = await ask(server, '/apis/apps/v1');
    const resources = object['resources'] as { name: string; kind: string; group?: string }[];
    const scale = resources.find(({ name }) => name === 'deployments/scale');
    assert.deepEqual([scale?.group, scale?.kind], ['autoscaling', 'Scale']);
    assert.equal((await ask(server, '/apis/nonsense/v1')).status, 404);
  });

  it('says the same in one document', async () => {
    const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
    const { object, headers } = await ask(server, '/apis', { headers: { accept } });
    assert.equal(headers['content-type'], accept);
    const groups = object['items'] as { metadata: { name: string } }[];
    const legacy = await ask(server, '/apis');
    const names = (legacy.object['groups'] as { name: string }[]).map(({ name }) => name);
    assert.deepEqual(
      groups.map(({ metadata }) => metadata.name),
      names,
    );
  });

  it('serves OpenAPI once to those that have it', async () => {
    const first = await ask(server, '/openapi/v3/apis/apps/v1');
    const etag = String(first.headers.etag);
    const again = await ask(server, '/openapi/v3/apis/apps/v1', {
      headers: { 'if-none-match': etag },
    });
    assert.equal(again.status, 304);
  });

  it('opens a deployment through its paths', async () => {
    const path = '/apis/apps/v1/namespaces/default/deployments';
    await ask(server, path, { method: 'POST', body: deployment('web', 3) });
    const scale = await ask(server, `${path}/web/scale`);
    assert.deepEqual(scale.object['spec'], { replicas: 3 });
  });
});
