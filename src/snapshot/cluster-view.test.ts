import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { createWorld, type World } from '../client/testing/world.ts';
import {
  endpointSliceKind,
  namespaceKind,
  nodeKind,
  podKind,
  serviceKind,
  type EndpointSlice,
  type Pod,
  type Service,
} from '../kube/index.ts';
import { createClusterView, type ClusterView } from './cluster-view.ts';

let world: World;
let view: ClusterView;
beforeEach(async () => {
  world = createWorld();
  const { informers } = world;
  view = createClusterView({
    services: informers.of(serviceKind),
    slices: informers.of(endpointSliceKind),
    pods: informers.of(podKind),
    nodes: informers.of(nodeKind),
  });
  await view.synced;
});
afterEach(() => world.close());

function service(name: string): Service {
  return { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: 'shop' }, spec: {} };
}

function slice(name: string, of: string): EndpointSlice {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name, namespace: 'shop', labels: { 'kubernetes.io/service-name': of } },
    addressType: 'IPv4',
    endpoints: [],
  };
}

function pod(name: string, status: Pod['status'], hostNetwork = false): Pod {
  const metadata = { name, namespace: 'shop' };
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers: [], hostNetwork }, status };
}

test('a snapshot is one moment: it does not change, and is the same until something changes', async () => {
  const before = view.snapshot();
  assert.equal(view.snapshot(), before);
  await world.client.create(serviceKind, service('web'));
  await world.until('the view has it', () => view.snapshot().services.size === 1);
  assert.equal(before.services.size, 0);
  assert.notEqual(view.snapshot(), before);
});

test('slices stand under their Service and follow their label', async () => {
  await world.client.create(endpointSliceKind, slice('web-1', 'web'));
  const second = await world.client.create(endpointSliceKind, slice('web-2', 'web'));
  await world.until('two slices', () => view.snapshot().slices.get('shop/web')?.length === 2);
  await world.client.update(endpointSliceKind, {
    ...second,
    metadata: { ...slice('web-2', 'api').metadata },
  });
  await world.until('one moved', () => view.snapshot().slices.get('shop/api')?.length === 1);
  assert.equal(view.snapshot().slices.get('shop/web')?.length, 1);
  await world.client.delete(endpointSliceKind, { name: 'web-1', namespace: 'shop' });
  await world.until('none left', () => !view.snapshot().slices.has('shop/web'));
});

test('finds running pods by each of their own addresses', async () => {
  const podIPs = [{ ip: '10.244.0.2' }, { ip: 'fd00::2' }];
  const web = await world.client.create(podKind, pod('web', { phase: 'Running', podIPs }));
  await world.client.create(podKind, pod('host', { podIPs: [{ ip: '172.18.0.2' }] }, true));
  await world.until('both seen', () => view.snapshot().pods.size === 2);
  assert.equal(view.snapshot().podsByIP.get('fd00::2')?.metadata.name, 'web');
  assert.equal(view.snapshot().podsByIP.has('172.18.0.2'), false);

  // The next pod gets the address while the old one still stands there, finished.
  const status = { phase: 'Succeeded', podIPs } as const;
  await world.client.updateStatus(podKind, { ...web, status });
  await world.client.create(podKind, pod('next', { phase: 'Running', podIPs }));
  await world.client.delete(podKind, { name: 'web', namespace: 'shop' });
  await world.until('two pods', () => view.snapshot().pods.get('shop/web') === undefined);
  assert.equal(view.snapshot().podsByIP.get('10.244.0.2')?.metadata.name, 'next');
});

test('tells which Services changed, once a turn, and a late listener all of them', async () => {
  const told: string[][] = [];
  view.onServices((keys) => told.push([...keys].sort()));
  await world.client.create(serviceKind, service('web'));
  await world.client.create(serviceKind, service('api'));
  await world.client.create(endpointSliceKind, slice('web-1', 'web'));
  await world.client.create(podKind, pod('other', {}));
  await world.until('all told', () => new Set(told.flat()).size === 2);
  const late = new Set<string>();
  view.onServices((keys) => {
    for (const key of keys) late.add(key);
  });
  await world.until('the late one too', () => late.size === 2);
});

test('tells a listener that has seen the newest snapshot only of what changes from then on', async () => {
  await world.client.create(serviceKind, service('seen'));
  await world.until('it is there', () => view.snapshot().services.has('shop/seen'));
  const told: string[] = [];
  view.onServices((keys) => told.push(...keys), view.snapshot());
  const outdated = view.snapshot();
  await world.client.create(serviceKind, service('next'));
  await world.until('the next is told', () => told.length > 0);
  assert.deepEqual(told, ['shop/next']);
  const all: string[] = [];
  view.onServices((keys) => all.push(...keys), outdated);
  await world.until('who is behind hears of all', () => all.length > 0);
  assert.deepEqual(all.sort(), ['shop/next', 'shop/seen']);
});

test('namespaces are followed where there is a source', async () => {
  const follower = createClusterView({
    services: world.informers.of(serviceKind),
    slices: world.informers.of(endpointSliceKind),
    pods: world.informers.of(podKind),
    nodes: world.informers.of(nodeKind),
    namespaces: world.informers.of(namespaceKind),
  });
  await follower.synced;
  const shop = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' }, spec: {} };
  await world.client.create(namespaceKind, shop);
  await world.until('the view has it', () => follower.snapshot().namespaces.has('shop'));
  assert.equal(view.snapshot().namespaces.size, 0);
});
