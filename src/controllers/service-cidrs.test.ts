import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { ipAddressKind, serviceCidrKind, serviceKind, type ServiceCIDR } from '../kube/index.ts';
import { startIpAddressController } from './ip-addresses.ts';
import { startServiceCidrController } from './service-cidrs.ts';
import { createControllerWorld, type ControllerWorld } from './testing/context.ts';
import { serviceObject } from './testing/objects.ts';

let world: ControllerWorld;
beforeEach(() => {
  world = createControllerWorld();
  world.start(startIpAddressController, startServiceCidrController);
});
afterEach(async () => {
  const { errors } = world;
  await world.close();
  assert.deepEqual(errors, []);
});

const create = (name: string, ...cidrs: string[]): Promise<ServiceCIDR> =>
  world.client.create(serviceCidrKind, {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'ServiceCIDR',
    metadata: { name },
    spec: { cidrs },
  });
const remove = (name: string): Promise<unknown> => world.client.delete(serviceCidrKind, { name });

/** `NAME FINALIZERS STATUS REASON` of every ServiceCIDR. */
async function states(): Promise<string> {
  const { items } = await world.client.list(serviceCidrKind);
  return items
    .map(({ metadata, status }) => {
      const [condition] = status?.conditions ?? [];
      const parts = [metadata.name, metadata.finalizers?.length ?? 0, condition?.status];
      return [...parts, condition?.reason].filter((part) => part !== '').join(' ');
    })
    .join();
}

async function until(expected: string): Promise<void> {
  await world.until(expected, async () => (await states()) === expected);
}

async function untilAddress(name: string): Promise<void> {
  await world.until(name, async () => {
    const { items } = await world.client.list(ipAddressKind);
    return items.some(({ metadata }) => metadata.name === name);
  });
}

test('a new one is Ready and has the finalizer; an unused one goes at once', async () => {
  await create('more', '10.200.0.0/24', 'fd00:200::/112');
  await until('more 1 True');
  const found = await world.client.get(serviceCidrKind, { name: 'more' });
  assert.deepEqual(found.metadata.finalizers, ['networking.k8s.io/service-cidr-finalizer']);
  await remove('more');
  await until('');
});

for (const ip of ['10.200.0.7', 'fd00:200::7']) {
  test(`one is kept until ${ip} is free, and says so`, async () => {
    await create('more', '10.200.0.0/24', 'fd00:200::/112');
    await until('more 1 True');
    await world.client.create(serviceKind, serviceObject('web', { clusterIPs: [ip] }));
    await remove('more');
    await until('more 1 False Terminating');
    await world.client.delete(serviceKind, { name: 'web', namespace: 'shop' });
    await until('');
  });
}

test('an address of whatever else keeps it, too', async () => {
  await create('more', '10.200.0.0/24');
  await until('more 1 True');
  await world.client.create(ipAddressKind, {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IPAddress',
    metadata: { name: '10.200.0.9' },
    spec: { parentRef: { group: 'gateway.networking.k8s.io', resource: 'gateways', name: 'edge' } },
  });
  await remove('more');
  await until('more 1 False Terminating');
  await world.client.delete(ipAddressKind, { name: '10.200.0.9' });
  await until('');
});

test('another that has the same addresses sets it free', async () => {
  await create('more', '10.200.0.0/24');
  await until('more 1 True');
  const web = serviceObject('web', { clusterIPs: ['10.200.0.7'] });
  await world.client.create(serviceKind, web);
  await untilAddress('10.200.0.7');
  await remove('more');
  await until('more 1 False Terminating');
  await create('wider', '10.200.0.0/16');
  await until('wider 1 True');
});

test('an IPAddress that somebody deletes is made again while its Service is there', async () => {
  const web = serviceObject('web', { clusterIPs: ['10.200.0.7'] });
  await world.client.create(serviceKind, web);
  await untilAddress('10.200.0.7');
  const first = await world.client.get(ipAddressKind, { name: '10.200.0.7' });
  await world.client.delete(ipAddressKind, { name: '10.200.0.7' });
  await world.until('another of the name', async () => {
    const { items } = await world.client.list(ipAddressKind);
    return items.some(({ metadata }) => metadata.uid !== first.metadata.uid);
  });
});
