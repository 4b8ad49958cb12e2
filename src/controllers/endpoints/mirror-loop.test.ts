import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { endpointsKind, endpointSliceKind, serviceKind } from '../../kube/index.ts';
import type { Endpoints, EndpointSlice, ObjectMeta } from '../../kube/index.ts';
import { createControllerWorld, type ControllerWorld } from '../testing/context.ts';
import { serviceObject } from '../testing/objects.ts';
import { startEndpointSliceMirroringController } from './mirror-controller.ts';

let world: ControllerWorld;
beforeEach(() => {
  world = createControllerWorld();
  world.start(startEndpointSliceMirroringController);
});
afterEach(async () => {
  const { errors } = world;
  await world.close();
  assert.deepEqual(errors, []);
});

const ref = { name: 'db', namespace: 'shop' };

function handMade(metadata: Partial<ObjectMeta> = {}): Endpoints {
  return {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: { ...ref, ...metadata },
    subsets: [
      {
        addresses: [{ ip: '192.0.2.1' }],
        notReadyAddresses: [{ ip: '192.0.2.2' }],
        ports: [{ port: 5432 }],
      },
    ],
  };
}

async function slices(): Promise<EndpointSlice[]> {
  return (await world.client.list(endpointSliceKind, { namespace: 'shop' })).items;
}

async function hasSlices(count: number): Promise<boolean> {
  return (await slices()).length === count;
}

async function mirrored(endpoints = handMade()): Promise<void> {
  await world.client.create(serviceKind, serviceObject('db', { selector: {} }));
  await world.client.create(endpointsKind, endpoints);
  await world.until('a mirror', () => hasSlices(1));
}

const applied = 'kubectl.kubernetes.io/last-applied-configuration';

test('row 35: the mirror has the readiness, labels and annotations of its source', async () => {
  const annotations = { owner: 'dba', [applied]: '{}' };
  await mirrored(handMade({ labels: { tier: 'data' }, annotations }));
  const [slice] = await slices();
  assert.deepEqual(slice?.metadata.labels, {
    tier: 'data',
    'kubernetes.io/service-name': 'db',
    'endpointslice.kubernetes.io/managed-by': 'endpointslicemirroring-controller.k8s.io',
  });
  assert.deepEqual(slice.metadata.annotations, { owner: 'dba' });
  assert.equal(slice.metadata.ownerReferences?.[0]?.kind, 'Endpoints');
  assert.deepEqual(
    slice.endpoints.map(({ addresses, conditions }) => [addresses[0], conditions?.ready]),
    [
      ['192.0.2.1', true],
      ['192.0.2.2', false],
    ],
  );
});

test('row 35: the mirror follows its source', async () => {
  await mirrored();
  const body = { subsets: [{ addresses: [{ ip: '192.0.2.9' }], ports: [{ port: 5433 }] }] };
  await world.client.patch(endpointsKind, ref, { type: 'merge', body });
  await world.until('followed', async () => {
    const [slice, ...others] = await slices();
    const address = slice?.endpoints[0]?.addresses[0];
    return others.length === 0 && address === '192.0.2.9' && slice?.ports?.[0]?.port === 5433;
  });
});

const ends: readonly (readonly [name: string, end: () => Promise<unknown>])[] = [
  ['the Endpoints go', () => world.client.delete(endpointsKind, ref)],
  ['the Service goes', () => world.client.delete(serviceKind, ref)],
  [
    'the Service gets a selector',
    () =>
      world.client.patch(serviceKind, ref, {
        type: 'merge',
        body: { spec: { selector: { app: 'db' } } },
      }),
  ],
  [
    'the Endpoints ask to be skipped',
    () =>
      world.client.patch(endpointsKind, ref, {
        type: 'merge',
        body: { metadata: { labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } } },
      }),
  ],
];

for (const [name, end] of ends) {
  test(`row 35: the mirror goes when ${name}`, async () => {
    await mirrored();
    await end();
    await world.until('no mirror', () => hasSlices(0));
  });
}

test('row 35: a leader election’s record is no Endpoints', async () => {
  const annotations = { 'control-plane.alpha.kubernetes.io/leader': '{}' };
  await world.client.create(serviceKind, serviceObject('lock', { selector: {} }));
  await world.client.create(endpointsKind, handMade({ name: 'lock', annotations }));
  await mirrored();
  assert.equal((await slices())[0]?.metadata.labels?.['kubernetes.io/service-name'], 'db');
});

test('row 35: Endpoints that were there before their Service are mirrored once it comes', async () => {
  await world.client.create(endpointsKind, handMade());
  await world.client.create(serviceKind, serviceObject('db', { selector: {} }));
  await world.until('a mirror', () => hasSlices(1));
});
