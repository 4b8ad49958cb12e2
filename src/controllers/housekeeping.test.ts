import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import {
  configMapKind,
  endpointsKind,
  endpointSliceKind,
  eventKind,
  namespaceKind,
  podKind,
  serviceAccountKind,
  serviceKind,
  type Event,
  type KubeObject,
  type Resource,
} from '../kube/index.ts';
import { startEventTtlController } from './event-ttl.ts';
import { startKubernetesServiceController } from './kubernetes-service.ts';
import { startNamespaceController } from './namespace/namespace-controller.ts';
import { createResourceCatalog } from './resource-catalog.ts';
import { startServiceAccountController } from './service-account.ts';
import { createControllerWorld, type ControllerWorld } from './testing/context.ts';
import { namespaceObject, podObject } from './testing/objects.ts';

let world: ControllerWorld;
beforeEach(() => {
  world = createControllerWorld();
});
afterEach(async () => {
  const { errors } = world;
  await world.close();
  assert.deepEqual(errors, []);
});

async function names<T extends KubeObject>(
  resource: Resource<T>,
  namespace?: string,
): Promise<string> {
  const options = namespace === undefined ? {} : { namespace };
  const { items } = await world.client.list(resource, options);
  return items.map(({ metadata }) => metadata.name).join();
}

describe('kubernetes service', () => {
  const options = {
    clusterIPs: ['10.96.0.1'],
    endpoint: { address: '172.18.0.1', port: 6443 },
  };
  const start = () => world.start((context) => startKubernetesServiceController(context, options));

  test('is there, with endpoints, and comes back when deleted', async () => {
    start();
    const isWhole = async () =>
      (await names(serviceKind)) === 'kubernetes' &&
      (await names(endpointsKind)) === 'kubernetes' &&
      (await names(endpointSliceKind)) === 'kubernetes';
    await world.until('made', isWhole);
    const ref = { name: 'kubernetes', namespace: 'default' };
    const service = await world.client.get(serviceKind, ref);
    assert.equal(service.spec.clusterIP, '10.96.0.1');
    assert.deepEqual(service.spec.ports, [
      { name: 'https', protocol: 'TCP', port: 443, targetPort: 6443 },
    ]);
    await world.client.delete(serviceKind, ref);
    await world.client.delete(endpointSliceKind, ref);
    await world.until('back', isWhole);
  });

  test('corrects the address that a former run left', async () => {
    const ref = { name: 'kubernetes', namespace: 'default' };
    await world.client.create(endpointSliceKind, {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { ...ref, labels: { 'kubernetes.io/service-name': 'kubernetes' } },
      addressType: 'IPv4',
      endpoints: [{ addresses: ['192.0.2.2'] }],
      ports: [{ name: 'https', port: 16443 }],
    });
    start();
    await world.until('corrected', async () => {
      const slice = await world.client.get(endpointSliceKind, ref);
      return slice.endpoints[0]?.addresses[0] === '172.18.0.1' && slice.ports?.[0]?.port === 6443;
    });
  });
});

describe('service accounts', () => {
  test('every namespace has its account and the root certificate, also after their deletion', async () => {
    world.start((context) => startServiceAccountController(context, { rootCertificate: 'CA PEM' }));
    await world.client.create(namespaceKind, namespaceObject('shop'));
    const isWhole = async () =>
      (await names(serviceAccountKind)) === 'default' &&
      (await names(configMapKind)) === 'kube-root-ca.crt';
    await world.until('made', isWhole);
    await world.client.delete(serviceAccountKind, { name: 'default', namespace: 'shop' });
    await world.client.delete(configMapKind, { name: 'kube-root-ca.crt', namespace: 'shop' });
    await world.until('back', isWhole);
    const made = await world.client.get(configMapKind, {
      name: 'kube-root-ca.crt',
      namespace: 'shop',
    });
    await world.client.update(configMapKind, { ...made, data: {} });
    await world.until('restored', async () => {
      const now = await world.client.get(configMapKind, {
        name: 'kube-root-ca.crt',
        namespace: 'shop',
      });
      return now.data?.['ca.crt'] === 'CA PEM';
    });
  });
});

describe('namespaces', () => {
  beforeEach(() => {
    world.start((context) =>
      startNamespaceController(context, { catalog: createResourceCatalog(context.informers) }),
    );
  });

  test('the system namespaces are there', async () => {
    const all = 'default,kube-node-lease,kube-public,kube-system';
    await world.until('made', async () => (await names(namespaceKind)) === all);
  });

  test('a deleted namespace takes everything in it along, then goes', async () => {
    await world.client.create(namespaceKind, namespaceObject('shop'));
    const metadata = { name: 'settings', namespace: 'shop' };
    await world.client.create(configMapKind, { apiVersion: 'v1', kind: 'ConfigMap', metadata });
    const elsewhere = { name: 'settings', namespace: 'other' };
    await world.client.create(configMapKind, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: elsewhere,
    });
    await world.client.create(podKind, podObject('web'));
    await world.client.delete(namespaceKind, { name: 'shop' });
    await world.until('gone', async () => !(await names(namespaceKind)).includes('shop'));
    assert.equal(await names(podKind), '');
    assert.equal(await names(configMapKind), 'settings');
  });

  test('waits for what goes slowly, and says for what', async () => {
    await world.client.create(namespaceKind, namespaceObject('shop'));
    await world.client.create(podKind, podObject('web', { spec: { nodeName: 'node1' } }));
    await world.client.delete(namespaceKind, { name: 'shop' });
    const condition = async (type: string) => {
      const { status } = await world.client.get(namespaceKind, { name: 'shop' });
      return status?.conditions?.find((known) => known.type === type);
    };
    await world.until(
      'it says so',
      async () => (await condition('NamespaceContentRemaining'))?.status === 'True',
    );
    assert.equal(
      (await condition('NamespaceContentRemaining'))?.message,
      'Some resources are remaining: pods. has 1 resource instances',
    );
    await world.client.delete(
      podKind,
      { name: 'web', namespace: 'shop' },
      { gracePeriodSeconds: 0 },
    );
    await world.until('gone', async () => !(await names(namespaceKind)).includes('shop'));
  });

  test('names the finalizers that hold it', async () => {
    await world.client.create(namespaceKind, namespaceObject('shop'));
    const metadata = { name: 'held', namespace: 'shop', finalizers: ['example.com/hold'] };
    const held = await world.client.create(configMapKind, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata,
    });
    await world.client.delete(namespaceKind, { name: 'shop' });
    await world.until('it says so', async () => {
      const { status } = await world.client.get(namespaceKind, { name: 'shop' });
      return JSON.stringify(status).includes('example.com/hold in 1 resource instances');
    });
    const { resourceVersion: _old, ...rest } = held.metadata;
    await world.client.patch(configMapKind, rest, {
      type: 'merge',
      body: { metadata: { finalizers: [] } },
    });
    await world.clock.advance(1000);
    await world.until('gone', async () => !(await names(namespaceKind)).includes('shop'));
  });
});

describe('events', () => {
  test('go an hour after they happened last', async () => {
    const event = (name: string, lastTimestamp: string): Event => ({
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name, namespace: 'shop' },
      involvedObject: {},
      lastTimestamp,
    });
    await world.client.create(eventKind, event('old', '2025-12-31T22:00:00Z'));
    await world.client.create(eventKind, event('new', '2026-01-01T00:00:00Z'));
    const repeated = await world.client.create(
      eventKind,
      event('repeated', '2026-01-01T00:00:00Z'),
    );
    world.start(startEventTtlController);
    await world.until('the old one went', async () => (await names(eventKind)) === 'new,repeated');
    await world.clock.advance(30 * 60_000);
    await world.client.update(eventKind, { ...repeated, lastTimestamp: '2026-01-01T00:30:00Z' });
    await world.clock.advance(31 * 60_000);
    await world.until('one left', async () => (await names(eventKind)) === 'repeated');
  });
});
