import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { createWorld, type World } from '../../client/testing/world.ts';
import { configMapKind, deploymentKind, serviceKind } from '../../kube/index.ts';
import { DNS_NAMESPACE, ensureDnsObjects } from './cluster-objects.ts';

const options = { serviceIPs: ['10.96.0.10'], clusterDomain: 'cluster.local' };

let world: World;
beforeEach(() => {
  world = createWorld();
});
afterEach(() => world.close());

test('the Service has the ports that everybody knows', async () => {
  await ensureDnsObjects(world.client, options);
  const service = await world.client.get(serviceKind, {
    name: 'kube-dns',
    namespace: DNS_NAMESPACE,
  });
  assert.equal(service.spec.clusterIP, '10.96.0.10');
  assert.deepEqual(
    service.spec.ports?.map(({ port, protocol }) => `${port}/${protocol}`),
    ['53/UDP', '53/TCP', '9153/TCP'],
  );
  const deployment = await world.client.get(deploymentKind, {
    name: 'coredns',
    namespace: DNS_NAMESPACE,
  });
  assert.deepEqual(deployment.spec.template.metadata?.labels, service.spec.selector);
});

test('what is there stays as it is', async () => {
  await ensureDnsObjects(world.client, options);
  const ref = { name: 'coredns', namespace: DNS_NAMESPACE };
  const before = await world.client.get(configMapKind, ref);
  const changed = await world.client.update(configMapKind, {
    ...before,
    data: { Corefile: '. {\n}' },
  });
  await ensureDnsObjects(world.client, options);
  assert.deepEqual(await world.client.get(configMapKind, ref), changed);
});
