import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import {
  endpointsKind,
  endpointSliceKind,
  podKind,
  serviceKind,
  type Endpoints,
  type EndpointSlice,
} from '../../kube/index.ts';
import { createControllerWorld, type ControllerWorld } from '../testing/context.ts';
import { podObject, serviceObject } from '../testing/objects.ts';
import { startEndpointSliceController } from './endpoint-slice-controller.ts';
import { startEndpointsController } from './endpoints-controller.ts';
import { startEndpointSliceMirroringController } from './mirror-controller.ts';

let world: ControllerWorld;
beforeEach(() => {
  world = createControllerWorld();
  world.start(
    startEndpointSliceController,
    startEndpointsController,
    startEndpointSliceMirroringController,
  );
});
afterEach(async () => {
  const { errors } = world;
  await world.close();
  assert.deepEqual(errors, []);
});

const app = { labels: { app: 'web' } };

async function slices(): Promise<EndpointSlice[]> {
  return (await world.client.list(endpointSliceKind, { namespace: 'shop' })).items;
}

async function endpoints(name = 'web'): Promise<Endpoints | undefined> {
  const { items } = await world.client.list(endpointsKind, { namespace: 'shop' });
  return items.find(({ metadata }) => metadata.name === name);
}

async function readyAddresses(): Promise<string> {
  const all = (await slices()).flatMap((slice) => slice.endpoints);
  const ready = all.filter(({ conditions }) => conditions?.ready === true);
  return ready
    .flatMap(({ addresses }) => addresses)
    .sort()
    .join();
}

async function legacyAddresses(): Promise<string> {
  const { subsets = [] } = (await endpoints()) ?? {};
  return subsets.flatMap(({ addresses = [] }) => addresses.map(({ ip }) => ip)).join();
}

test('a Service’s endpoints follow its pods', async () => {
  await world.client.create(serviceKind, serviceObject('web'));
  for (const number of [1, 2, 3])
    await world.client.create(
      podKind,
      podObject(`web-${number}`, { ...app, ip: `10.244.0.${number}` }),
    );
  await world.client.create(podKind, podObject('other', { ip: '10.244.0.9' }));
  const all = '10.244.0.1,10.244.0.2,10.244.0.3';
  await world.until('three endpoints', async () => (await readyAddresses()) === all);
  await world.until('and in Endpoints', async () => (await legacyAddresses()) === all);

  const [slice, ...others] = await slices();
  assert.deepEqual(others, []);
  assert.match(slice?.metadata.name ?? '', /^web-/);
  assert.deepEqual(slice?.metadata.labels, {
    app: 'web',
    'kubernetes.io/service-name': 'web',
    'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
  });
  assert.equal(slice?.metadata.ownerReferences?.[0]?.kind, 'Service');
});

test('a deleted pod is out at once, while its containers still run', async () => {
  await world.client.create(serviceKind, serviceObject('web'));
  const spec = { nodeName: 'node1' };
  await world.client.create(podKind, podObject('web-1', { ...app, spec, ip: '10.244.0.1' }));
  await world.until('it is in', async () => (await readyAddresses()) === '10.244.0.1');
  await world.client.delete(podKind, { name: 'web-1', namespace: 'shop' });
  await world.until('it is out', async () => (await readyAddresses()) === '');
  const [endpoint] = (await slices())[0]?.endpoints ?? [];
  assert.deepEqual(endpoint?.conditions, { ready: false, serving: true, terminating: true });
  await world.until(
    'out of Endpoints',
    async () => ((await endpoints())?.subsets ?? []).length === 0,
  );
});

test('Endpoints tell ready from not ready, and carry the headless label', async () => {
  await world.client.create(serviceKind, serviceObject('web', { clusterIP: 'None' }));
  await world.client.create(podKind, podObject('web-1', { ...app, ip: '10.244.0.1' }));
  await world.client.create(
    podKind,
    podObject('web-2', { ...app, ip: '10.244.0.2', isReady: false }),
  );
  const isThere = async () => (await endpoints())?.subsets?.[0]?.notReadyAddresses?.length === 1;
  await world.until('both seen', isThere);
  const { subsets, metadata } = (await endpoints()) ?? {};
  assert.deepEqual(
    [subsets?.[0]?.addresses?.[0]?.ip, subsets?.[0]?.notReadyAddresses?.[0]?.ip],
    ['10.244.0.1', '10.244.0.2'],
  );
  assert.deepEqual(subsets?.[0]?.ports, [{ port: 8080, protocol: 'TCP' }]);
  assert.equal(metadata?.labels?.['service.kubernetes.io/headless'], '');
});

test('many pods at once are many endpoints in few slices, none twice', async () => {
  await world.client.create(serviceKind, serviceObject('web'));
  await Promise.all(
    Array.from({ length: 250 }, (_, at) =>
      world.client.create(
        podKind,
        podObject(`web-${at}`, { ...app, ip: `10.244.${at >> 8}.${at & 255}` }),
      ),
    ),
  );
  await world.until(
    '250 endpoints',
    async () => (await readyAddresses()).split(',').length === 250,
  );
  assert.deepEqual(
    (await slices()).map(({ endpoints }) => endpoints.length).sort((one, two) => one - two),
    [50, 100, 100],
  );
});

test('a stranger’s change of a slice is put right', async () => {
  await world.client.create(serviceKind, serviceObject('web'));
  await world.client.create(podKind, podObject('web-1', { ...app, ip: '10.244.0.1' }));
  await world.until('it is in', async () => (await readyAddresses()) === '10.244.0.1');
  const [slice] = await slices();
  assert.ok(slice);
  await world.client.update(endpointSliceKind, { ...slice, endpoints: [] });
  await world.until('it is back', async () => (await readyAddresses()) === '10.244.0.1');
});

test('the Endpoints of a deleted Service go', async () => {
  await world.client.create(serviceKind, serviceObject('web'));
  await world.until('made', async () => (await endpoints()) !== undefined);
  await world.client.delete(serviceKind, { name: 'web', namespace: 'shop' });
  await world.until('gone', async () => (await endpoints()) === undefined);
});

test('hand-made Endpoints are mirrored, and their slices go with them (row 35)', async () => {
  await world.client.create(serviceKind, serviceObject('db', { selector: {} }));
  const made: Endpoints = {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: { name: 'db', namespace: 'shop', labels: { tier: 'data' } },
    subsets: [
      {
        addresses: [{ ip: '192.0.2.1' }, { ip: '2001:db8::1' }],
        ports: [{ name: 'sql', port: 5432 }],
      },
    ],
  };
  await world.client.create(endpointsKind, made);
  await world.until('two slices', async () => (await slices()).length === 2);
  assert.deepEqual(
    (await slices())
      .map(({ addressType, metadata: { labels } }) => `${addressType} ${labels?.['tier']}`)
      .sort(),
    ['IPv4 data', 'IPv6 data'],
  );
  await world.client.delete(endpointsKind, { name: 'db', namespace: 'shop' });
  await world.until('none', async () => (await slices()).length === 0);
});

test('Endpoints that ask not to be mirrored are left alone', async () => {
  await world.client.create(serviceKind, serviceObject('db', { selector: {} }));
  await world.client.create(endpointsKind, {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: {
      name: 'db',
      namespace: 'shop',
      labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' },
    },
    subsets: [{ addresses: [{ ip: '192.0.2.1' }], ports: [{ port: 5432 }] }],
  });
  await world.client.create(serviceKind, serviceObject('web'));
  await world.until('the other has a slice', async () => (await slices()).length > 0);
  assert.deepEqual(
    (await slices()).map(({ metadata }) => metadata.labels?.['kubernetes.io/service-name']),
    ['web'],
  );
});
