import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { createWorld, type World } from '../../client/testing/world.ts';
import { serviceKind, type Pod, type StringMap } from '../../kube/index.ts';
import { indexSelectors, servicesOf } from './selects.ts';

let world: World;
beforeEach(() => {
  world = createWorld();
});
afterEach(() => world.close());

const pod: Pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'shop', labels: { app: 'web', tier: 'front' } },
  spec: { containers: [] },
};

test('the Services of a pod are those whose selector asks for nothing that it lacks', async () => {
  const selectors: Record<string, StringMap | undefined> = {
    one: { app: 'web' },
    both: { tier: 'front', app: 'web' },
    more: { app: 'web', track: 'canary' },
    other: { app: 'api' },
    empty: {},
    none: undefined,
  };
  const services = world.informers.of(serviceKind);
  indexSelectors(services);
  const create = (name: string, namespace: string, selector?: StringMap) =>
    world.client.create(serviceKind, {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace },
      spec: { ...(selector && { selector }) },
    });
  for (const [name, selector] of Object.entries(selectors)) await create(name, 'shop', selector);
  await create('elsewhere', 'default', { app: 'web' });
  await world.until('all are there', () => services.list().length === 7);
  const names = servicesOf(services, pod).map(({ metadata }) => metadata.name);
  assert.deepEqual(names.sort(), ['both', 'one']);
});
