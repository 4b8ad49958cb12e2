import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Pod, Service } from '../../kube/index.ts';
import type { StandInPort } from '../../runtime/index.ts';
import type { ContainerRecord } from './records.ts';
import { StandInUpdates } from './stand-in-updates.ts';

const services = Array.from({ length: 3 }, (_, index): Service => {
  const spec = { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 + index }] };
  const metadata = { name: `web-${index}`, namespace: 'shop' };
  return { apiVersion: 'v1', kind: 'Service', metadata, spec };
});

function standIn(name: string, app: string): { object: Pod; containers: ContainerRecord[] } {
  const container = { name: 'main' };
  const image = { reference: 'web', id: 'stand-in://web' };
  return {
    object: {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: 'shop', labels: { app } },
      spec: { containers: [container] },
    },
    containers: [
      {
        container,
        role: 'main',
        attempt: 0,
        current: { id: `${name}-0`, labels: {}, imageId: image.id, startedAt: 0, state: 'running' },
        image,
        notBefore: 0,
        crashes: 0,
        failedStarts: 0,
        isBusy: false,
        isStarted: true,
        isReady: true,
      },
    ],
  };
}

/** Updates, and what they tell the runtime. */
function createUpdates(): { updates: StandInUpdates; told: [string, number[]][] } {
  const told: [string, number[]][] = [];
  const updates = new StandInUpdates({
    caches: { services: { byIndex: () => services } },
    runtime: {
      updateStandInPorts: async (id: string, ports: readonly StandInPort[]) =>
        void told.push([id, ports.map(({ port }) => port)]),
    },
    events: { event: () => assert.fail('nothing is to be said') },
  });
  return { updates, told };
}

const pods = [standIn('web', 'web'), standIn('api', 'api')];

test('many Services that change in one turn are one update of each pod that they select', async () => {
  const { updates, told } = createUpdates();
  for (const next of services) updates.serviceChanged({ previous: undefined, next }, pods);
  await nextTurn();
  assert.deepEqual(told, [['web-0', [8080, 8081, 8082]]]);
  updates.serviceChanged({ previous: services[0], next: undefined }, pods);
  await nextTurn();
  assert.equal(told.length, 2, 'a Service that is gone is news as well');
});

test('nothing is told after the end', async () => {
  const { updates, told } = createUpdates();
  for (const next of services) updates.serviceChanged({ previous: undefined, next }, pods);
  updates.close();
  await nextTurn();
  assert.deepEqual(told, []);
});
