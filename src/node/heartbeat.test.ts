import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { createWorld, type World } from '../client/testing/world.ts';
import { conditionOf, leaseKind, nodeKind, type Condition } from '../kube/index.ts';
import { Heartbeat } from './heartbeat.ts';

const facts = {
  name: 'node1',
  nodeIPs: ['172.18.0.2'],
  podCidrs: ['10.244.0.0/24'],
  labels: {},
  version: 'v1.36.0+portolan',
  runtimeVersion: 'runc://1.1.5',
};

let world: World;
let heartbeat: Heartbeat;
let log: string[];
beforeEach(() => {
  world = createWorld();
  log = [];
  const { client, clock } = world;
  heartbeat = new Heartbeat({ client, clock, facts, log: (text) => log.push(text) });
});
afterEach(async () => {
  heartbeat.close();
  await world.close();
  assert.deepEqual(log, []);
});

async function ready(): Promise<Condition | undefined> {
  const { status } = await world.client.get(nodeKind, { name: 'node1' });
  return conditionOf(status?.conditions, 'Ready');
}

async function renewTime(): Promise<string | undefined> {
  const ref = { name: 'node1', namespace: 'kube-node-lease' };
  return (await world.client.get(leaseKind, ref)).spec?.renewTime;
}

/** What node lifecycle writes of a node that fell silent. */
async function declareLost(): Promise<void> {
  const body = { status: { conditions: [{ type: 'Ready', status: 'Unknown' }] } };
  const ref = { name: 'node1', subresource: 'status' as const };
  await world.client.patch(nodeKind, ref, { type: 'merge', body });
}

test('the Lease is renewed every ten seconds', async () => {
  await heartbeat.register();
  await heartbeat.start();
  assert.equal(await renewTime(), '2026-01-01T00:00:00.000000Z');
  await world.clock.advance(10_000);
  await world.until('renewed', async () => (await renewTime()) === '2026-01-01T00:00:10.000000Z');
});

test('a node that was given up says that it is ready', async () => {
  await heartbeat.register();
  await heartbeat.start();
  await declareLost();
  await world.clock.advance(10_000);
  await world.until('ready', async () => (await ready())?.status === 'True');
});

test('a node that was given up says again why it is not ready', async () => {
  heartbeat.note('network', 'no bridge');
  await heartbeat.register();
  await heartbeat.start();
  await declareLost();
  await world.clock.advance(10_000);
  await world.until('not ready', async () => (await ready())?.message === 'no bridge');
});

test('whatever keeps the node from being ready is told until its source takes it back', async () => {
  const told = async (): Promise<unknown[]> => {
    await heartbeat.report();
    const { status, reason, message } = (await ready()) ?? {};
    return [status, reason, message];
  };
  await heartbeat.register();
  heartbeat.note('network', 'no bridge');
  heartbeat.note('policies', 'no rules');
  assert.deepEqual(await told(), ['False', 'KubeletNotReady', '[no bridge, no rules]']);
  heartbeat.note('network', undefined);
  assert.deepEqual(await told(), ['False', 'KubeletNotReady', 'no rules']);
  heartbeat.note('policies', undefined);
  assert.deepEqual(await told(), ['True', 'KubeletReady', 'kubelet is posting ready status']);
});

test('a node that was deleted stays deleted, and says nothing', async () => {
  await heartbeat.register();
  await heartbeat.start();
  await world.client.delete(nodeKind, { name: 'node1' });
  await world.clock.advance(10_000);
  await world.until('renewed', async () => (await renewTime()) === '2026-01-01T00:00:10.000000Z');
  const { items } = await world.client.list(nodeKind);
  assert.deepEqual(items, []);
});
