import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { startTestServer, type TestServer } from '../../apiserver/testing/api-server.ts';
import { endpointsKind, endpointSliceKind, podKind, serviceKind } from '../../kube/index.ts';
import type { EndpointSlice, KubeObject, Pod, Resource } from '../../kube/index.ts';
import { podObject, serviceObject } from '../testing/objects.ts';
import {
  createDefaultAccount,
  runOnServer,
  type ControllersOnServer,
} from '../testing/on-server.ts';
import { startEndpointSliceController } from './endpoint-slice-controller.ts';
import { startEndpointsController } from './endpoints-controller.ts';
import { startEndpointSliceMirroringController } from './mirror-controller.ts';

const namespace = 'default';
const managedBy = 'endpointslice.kubernetes.io/managed-by';

let server: TestServer;
let controllers: ControllersOnServer;

beforeEach(async () => {
  server = await startTestServer();
  await createDefaultAccount(server);
  controllers = runOnServer(server, (context) => [
    startEndpointSliceController(context),
    startEndpointsController(context),
    startEndpointSliceMirroringController(context),
  ]);
});

afterEach(async () => {
  await controllers.close();
  await server.close();
});

/** Resolves when an object of the cache satisfies `is`. */
function found<T extends KubeObject>(kind: Resource<T>, is: (object: T) => boolean): Promise<T> {
  return new Promise((resolve) => {
    controllers.informers.of(kind).onChange(({ next }) => {
      if (next !== undefined && is(next)) resolve(next);
    });
  });
}

function filledSlice(service: string): Promise<EndpointSlice> {
  return found(
    endpointSliceKind,
    ({ endpoints, metadata }) =>
      endpoints.length === 1 && metadata.labels?.['kubernetes.io/service-name'] === service,
  );
}

/** Makes a Service and resolves when everything that selects the pod for it is written. */
async function serveWith(service: string): Promise<void> {
  await createService(service, { app: 'web' });
  await filledSlice(service);
  await found(
    endpointsKind,
    ({ metadata, subsets = [] }) => metadata.name === service && subsets.length === 1,
  );
}

async function runningPod(name: string, ip: string): Promise<void> {
  const { status, ...wish } = podObject(name, { labels: { app: 'web' }, ip });
  const pod: Pod = { ...wish, metadata: { ...wish.metadata, namespace } };
  await server.client.create(podKind, pod);
  await server.client.patch(
    podKind,
    { name, namespace, subresource: 'status' },
    { type: 'merge', body: { status } },
  );
}

async function createService(name: string, selector: Record<string, string>): Promise<void> {
  const { spec, ...service } = serviceObject(name, { selector });
  const { clusterIP: _fixed, ...free } = spec;
  const metadata = { ...service.metadata, namespace };
  await server.client.create(serviceKind, { ...service, spec: free, metadata });
}

/** The versions of the Service's slices and Endpoints. */
function versions(service: string): string[] {
  const { informers } = controllers;
  const all = [...informers.of(endpointSliceKind).list(), ...informers.of(endpointsKind).list()];
  return all
    .filter(({ metadata }) => metadata.name.startsWith(service))
    .map(({ metadata }) => `${metadata.name} ${metadata.resourceVersion}`)
    .sort();
}

test('what a real server made of the writes is recognised, and not written again', async () => {
  await runningPod('web-1', '10.244.0.1');
  await serveWith('web');
  const slice = await filledSlice('web');
  assert.match(slice.metadata.name, /^web-[a-z0-9]{5}$/);
  assert.deepEqual(slice.ports, [{ name: '', protocol: 'TCP', port: 8080 }]);

  const before = versions('web');
  assert.equal(before.length, 2);
  // Other Services go through every loop after it: whatever its own writes caused is written by then.
  await serveWith('second');
  await serveWith('third');
  assert.deepEqual(versions('web'), before);
});

test('row 35: a real server accepts the mirror', async () => {
  await createService('db', {});
  await server.client.create(endpointsKind, {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: { name: 'db', namespace },
    subsets: [{ addresses: [{ ip: '192.0.2.1' }], ports: [{ port: 5432 }] }],
  });
  const slice = await filledSlice('db');
  assert.equal(slice.metadata.labels?.[managedBy], 'endpointslicemirroring-controller.k8s.io');
});
