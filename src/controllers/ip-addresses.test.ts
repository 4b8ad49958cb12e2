import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { ipAddressKind, serviceKind } from '../kube/index.ts';
import { startIpAddressController } from './ip-addresses.ts';
import { createControllerWorld, type ControllerWorld } from './testing/context.ts';
import { serviceObject } from './testing/objects.ts';

let world: ControllerWorld;
beforeEach(() => {
  world = createControllerWorld();
});
afterEach(async () => {
  const { errors } = world;
  await world.close();
  assert.deepEqual(errors, []);
});

/** `ADDRESS -> SERVICE` of every object. */
async function owners(): Promise<string> {
  const { items } = await world.client.list(ipAddressKind);
  return items.map(({ metadata, spec }) => `${metadata.name} -> ${spec.parentRef?.name}`).join();
}

async function until(expected: string): Promise<void> {
  await world.until(expected, async () => (await owners()) === expected);
}

test('every address of a Service has an object, as long as it has it', async () => {
  world.start(startIpAddressController);
  const clusterIPs = ['10.96.0.17', 'fd00:10:96:0::17'];
  const dual = await world.client.create(serviceKind, serviceObject('web', { clusterIPs }));
  await until('10.96.0.17 -> web,fd00:10:96::17 -> web');
  await world.client.update(serviceKind, {
    ...dual,
    spec: { ...dual.spec, clusterIPs: ['10.96.0.17'] },
  });
  await until('10.96.0.17 -> web');
  await world.client.delete(serviceKind, { name: 'web', namespace: 'shop' });
  await until('');
});

test('headless Services have none', async () => {
  const headless = { clusterIP: 'None', clusterIPs: ['None'] };
  await world.client.create(serviceKind, serviceObject('headless', headless));
  await world.client.create(serviceKind, serviceObject('web', { clusterIPs: ['10.96.0.17'] }));
  world.start(startIpAddressController);
  await until('10.96.0.17 -> web');
});

test('an address that went from one Service to another follows, one of another manager stays', async () => {
  const address = (name: string, labels: Record<string, string>) => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IPAddress',
    metadata: { name, labels },
    spec: { parentRef: { group: '', resource: 'services', namespace: 'shop', name: 'old' } },
  });
  const managed = { 'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io' };
  await world.client.create(ipAddressKind, address('10.96.0.17', managed));
  await world.client.create(ipAddressKind, address('10.96.0.18', {}));
  await world.client.create(serviceKind, serviceObject('web', { clusterIPs: ['10.96.0.17'] }));
  world.start(startIpAddressController);
  await until('10.96.0.17 -> web,10.96.0.18 -> old');
});
