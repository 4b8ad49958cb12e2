import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { namespaceKind, serviceKind, type Service } from '../kube/index.ts';
import { createApiServer } from './server.ts';
import { startTestServer, type TestServer } from './testing/api-server.ts';
import { ask } from './testing/http.ts';

const kubernetesService = {
  clusterIPs: ['10.96.0.1'],
  endpoint: { address: '172.18.0.1', port: 6443 },
};

describe('createApiServer', () => {
  let test: TestServer;
  before(async () => {
    test = await startTestServer({ kubernetesService });
  });
  after(() => test.close());

  it('makes what every cluster has', async () => {
    const { items } = await test.client.list(namespaceKind);
    assert.deepEqual(
      items.map(({ metadata }) => metadata.name),
      ['default', 'kube-node-lease', 'kube-public', 'kube-system'],
    );
    const ref = { namespace: 'default', name: 'kubernetes' };
    const service = await test.client.get(serviceKind, ref);
    assert.equal(service.spec.clusterIP, '10.96.0.1');
  });

  it('changes nothing when it starts again over the same store', async () => {
    const contents = async (): Promise<string> =>
      JSON.stringify((await test.store.list({ prefix: '/' })).objects);
    const before = await contents();
    const { store, pki } = test;
    const again = await createApiServer({
      store,
      pki,
      nodeApi: () => undefined,
      kubernetesService,
    });
    await again.close();
    assert.equal(await contents(), before);
  });

  it('does not give out an address that a Service of an earlier start has', async () => {
    const { store, pki } = test;
    const again = await createApiServer({
      store,
      pki,
      nodeApi: () => undefined,
      kubernetesService,
    });
    const service: Service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'thief', namespace: 'default' },
      spec: { clusterIP: '10.96.0.1', ports: [{ port: 80 }] },
    };
    await assert.rejects(again.localClient().create(serviceKind, service), {
      reason: 'Invalid',
      message: /provided IP is already allocated/,
    });
    await again.close();
  });

  it('says which address is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    await assert.rejects(test.server.listen({ host: '127.0.0.1', port }), { code: 'EADDRINUSE' });
    other.close();
  });

  it('cuts its connections when it closes', async () => {
    const { store, pki } = test;
    const again = await createApiServer({ store, pki, nodeApi: () => undefined });
    const { port } = await again.listen({ host: '127.0.0.1', port: 0 });
    const watching = ask({ ...test, port }, '/api/v1/namespaces?watch=true');
    const cut = assert.rejects(watching);
    await ask({ ...test, port }, '/healthz');
    await again.close();
    await cut;
    await assert.rejects(ask({ ...test, port }, '/healthz'), { code: 'ECONNREFUSED' });
  });
});
