import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { createWorld, type World } from '../../client/testing/world.ts';
import { ingressKind, keyOf, type Ingress } from '../../kube/index.ts';
import { StatusWriter } from './status-writer.ts';

let world: World;
let writer: StatusWriter;

beforeEach(() => {
  world = createWorld();
  writer = new StatusWriter(world.client);
});
afterEach(() => world.close());

async function create(name: string, ip?: string): Promise<Ingress> {
  const metadata = { name, namespace: 'default' };
  const made = await world.client.create(ingressKind, {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata,
    spec: {},
  });
  if (ip === undefined) return made;
  const status = { loadBalancer: { ingress: [{ ip }] } };
  return world.client.updateStatus(ingressKind, { ...made, status });
}

const read = (name: string): Promise<Ingress> =>
  world.client.get(ingressKind, { name, namespace: 'default' });

async function write(
  ingresses: readonly Ingress[],
  own: readonly string[],
  ips: readonly string[],
) {
  const all = new Map(ingresses.map((ingress) => [keyOf(ingress), ingress]));
  await writer.write(all, new Set(own), ips);
}

const addressOf = ({ status }: Ingress): unknown => status?.loadBalancer?.ingress;

test('the controller’s Ingresses get its addresses, others keep what they have', async () => {
  await write([await create('a'), await create('b', '192.0.2.1')], ['default/a'], ['127.19.0.1']);
  assert.deepEqual(addressOf(await read('a')), [{ ip: '127.19.0.1' }]);
  assert.deepEqual(addressOf(await read('b')), [{ ip: '192.0.2.1' }]);
});

test('what is right is not written again', async () => {
  const made = await create('a', '127.19.0.1');
  await write([made], ['default/a'], ['127.19.0.1']);
  const { metadata } = await read('a');
  assert.equal(metadata.resourceVersion, made.metadata.resourceVersion);
});

test('an Ingress that goes to another controller loses the address', async () => {
  await write([await create('a')], ['default/a'], ['127.19.0.1']);
  await write([await read('a')], [], ['127.19.0.1']);
  assert.equal(addressOf(await read('a')), undefined);
});

test('with the last address all are taken back', async () => {
  await write([await create('a')], ['default/a'], ['127.19.0.1']);
  await write([await read('a')], ['default/a'], []);
  assert.equal(addressOf(await read('a')), undefined);
});

test('whoever was quicker, or has deleted it, is no failure', async () => {
  const stale = await create('a');
  await world.client.updateStatus(ingressKind, { ...stale, status: {} });
  await write([stale], ['default/a'], ['127.19.0.1']);
  const gone = await create('b');
  await world.client.delete(ingressKind, { name: 'b', namespace: 'default' });
  await write([gone], ['default/b'], ['127.19.0.1']);
});
