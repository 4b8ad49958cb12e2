import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { endpointSliceKind, nodeKind, podKind, serviceKind } from '../../kube/index.ts';
import type { EndpointSlice, Pod, Service } from '../../kube/index.ts';
import { createControllerWorld, type ControllerWorld } from '../testing/context.ts';
import { nodeObject, podObject, readyCondition, serviceObject } from '../testing/objects.ts';
import { startEndpointSliceController } from './endpoint-slice-controller.ts';

let world: ControllerWorld;
/** The type of the watch event of each write of a slice. */
let writes: string[];

beforeEach(() => {
  world = createControllerWorld();
  writes = [];
  world.client.watch(
    endpointSliceKind,
    {},
    { onEvent: ({ type }) => writes.push(type), onEnd: () => undefined },
  );
  world.start(startEndpointSliceController);
});
afterEach(async () => {
  const { errors } = world;
  await world.close();
  assert.deepEqual(errors, []);
});

const ref = { name: 'web', namespace: 'shop' };

async function onlySlice(): Promise<EndpointSlice> {
  const { items } = await world.client.list(endpointSliceKind, { namespace: 'shop' });
  const [slice] = items;
  assert.equal(items.length, 1);
  assert.ok(slice);
  return slice;
}

async function sliceHas(count: number): Promise<boolean> {
  const { items } = await world.client.list(endpointSliceKind, { namespace: 'shop' });
  return items.length === 1 && items[0]?.endpoints.length === count;
}

function web(number: number): Pod {
  const spec = { nodeName: 'node1' };
  return podObject(`web-${number}`, { labels: { app: 'web' }, spec, ip: `10.244.0.${number}` });
}

async function serviceWithPod(service: Service = serviceObject('web')): Promise<void> {
  await world.client.create(serviceKind, service);
  await world.client.create(podKind, web(1));
  await world.until('an endpoint', () => sliceHas(1));
}

/** Lets all that the last change could cause happen. */
async function settle(): Promise<void> {
  await world.client.create(serviceKind, serviceObject('marker'));
  await world.until('the marker has a slice', async () => {
    const { items } = await world.client.list(endpointSliceKind, { namespace: 'shop' });
    return items.some(({ metadata }) => metadata.generateName === 'marker-');
  });
}

test('the first slice is empty, and pods are written into it, not beside it (row 34)', async () => {
  await world.client.create(serviceKind, serviceObject('web'));
  await world.until('the placeholder', () => sliceHas(0));
  const { metadata } = await onlySlice();
  await world.client.create(podKind, web(1));
  await world.until('an endpoint', () => sliceHas(1));
  assert.equal((await onlySlice()).metadata.name, metadata.name);
  await world.client.delete(
    podKind,
    { name: 'web-1', namespace: 'shop' },
    { gracePeriodSeconds: 0 },
  );
  await world.until('none again', () => sliceHas(0));
  assert.equal((await onlySlice()).metadata.name, metadata.name);
  await world.until('three writes seen', () => writes.length >= 3);
  assert.deepEqual(writes, ['ADDED', 'MODIFIED', 'MODIFIED']);
});

test('changes that endpoints do not tell write nothing', async () => {
  await serviceWithPod();
  const before = writes.length;
  const body = { metadata: { annotations: { note: 'hello' } } };
  await world.client.patch(podKind, { ...ref, name: 'web-1' }, { type: 'merge', body });
  await world.client.patch(serviceKind, ref, { type: 'merge', body });
  await settle();
  await world.until('the marker’s write seen', () => writes.length > before);
  assert.deepEqual(writes.slice(before), ['ADDED']);
});

test('a changed selector changes the endpoints', async () => {
  await serviceWithPod();
  const body = { spec: { selector: { app: 'other' } } };
  await world.client.patch(serviceKind, ref, { type: 'merge', body });
  await world.until('none', () => sliceHas(0));
});

test('a pod whose labels no longer match is out', async () => {
  await serviceWithPod();
  const body = { metadata: { labels: { app: 'quarantine' } } };
  await world.client.patch(podKind, { ...ref, name: 'web-1' }, { type: 'merge', body });
  await world.until('none', () => sliceHas(0));
});

test('a node’s zone is told when it becomes known, with the hints of it (row 27)', async () => {
  await world.client.create(nodeKind, nodeObject('node1'));
  await serviceWithPod(serviceObject('web', { trafficDistribution: 'PreferClose' }));
  assert.equal((await onlySlice()).endpoints[0]?.zone, undefined);
  const body = { metadata: { labels: { 'topology.kubernetes.io/zone': 'east' } } };
  await world.client.patch(nodeKind, { name: 'node1' }, { type: 'merge', body });
  await world.until('a zone', async () => (await onlySlice()).endpoints[0]?.zone === 'east');
  assert.deepEqual((await onlySlice()).endpoints[0]?.hints, { forZones: [{ name: 'east' }] });
});

test('the trigger time is the pod’s turn of readiness', async () => {
  await serviceWithPod();
  const status = { conditions: [readyCondition(false, '2026-01-01T00:00:42Z')] };
  await world.client.patch(
    podKind,
    { ...ref, name: 'web-1', subresource: 'status' },
    { type: 'merge', body: { status } },
  );
  const isOut = async () => (await onlySlice()).endpoints[0]?.conditions?.ready === false;
  await world.until('not ready', isOut);
  assert.equal(
    (await onlySlice()).metadata.annotations?.['endpoints.kubernetes.io/last-change-trigger-time'],
    '2026-01-01T00:00:42Z',
  );
});

test('a Service that is going gets no new slices, and its old ones are kept true', async () => {
  const service = serviceObject('web');
  const held = { ...service, metadata: { ...service.metadata, finalizers: ['test.example/hold'] } };
  await serviceWithPod(held);
  await world.client.delete(serviceKind, ref);
  await world.client.create(podKind, web(2));
  await world.until('both', () => sliceHas(2));
  const { name } = (await onlySlice()).metadata;
  await world.client.delete(endpointSliceKind, { name, namespace: 'shop' });
  await settle();
  const { metadata } = await onlySlice();
  assert.equal(metadata.generateName, 'marker-');
});

test('an ExternalName and a Service without a selector get no slices (row 16)', async () => {
  await world.client.create(serviceKind, serviceObject('ext', { type: 'ExternalName' }));
  await world.client.create(serviceKind, serviceObject('bare', { selector: {} }));
  await settle();
  assert.equal((await onlySlice()).metadata.generateName, 'marker-');
});
