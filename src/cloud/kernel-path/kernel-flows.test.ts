import assert from 'node:assert/strict';
import { text } from 'node:stream/consumers';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import {
  assertAnswers,
  assertReset,
  dns,
  draining,
  external,
  KernelPathWorld,
  web,
} from '../testing/kernel-path-world.ts';
import { skipReason } from '../testing/outside-world.ts';

describe('a connection that the kernel carries', { skip: skipReason }, () => {
  let world: KernelPathWorld;

  before(async () => {
    world = await KernelPathWorld.open();
  });
  after(() => world.close());
  beforeEach(() => world.addresses.acquire(external));
  afterEach(() => {
    world.reset();
    if (world.addresses.has(external)) world.addresses.release(external);
  });

  test('through a node that left ends with the drain time', async () => {
    const { path, one, two, clock } = world;
    path.carry(web, world.carriage([one]));
    const { socket } = await world.connect();
    path.carry(web, world.carriage([two], { members: [two] }));
    await world.settle();
    await clock.advance(draining.timeoutMs - 1);
    await assertAnswers(socket, 'last words');
    await clock.advance(1);
    await assertReset(socket);
  });

  test('through a node that came back goes on', async () => {
    const { path, one, two, clock } = world;
    path.carry(web, world.carriage([one]));
    const { socket } = await world.connect();
    path.carry(web, world.carriage([two], { members: [two] }));
    await world.settle();
    path.carry(web, world.carriage([two]));
    await clock.advance(draining.timeoutMs);
    await assertAnswers(socket, 'I am back');
    socket.destroy();
  });

  test('goes on when its frontend leaves, and the fabric keeps the address for as long', async () => {
    const { path, one, clock, addresses, outside } = world;
    path.carry(web, world.carriage([one]));
    const { socket } = await world.connect(outside.fabric);
    let isOver = false;
    const left = path.leave(web, draining).then(() => (isOver = true));
    addresses.release(external);
    assert.equal(await outside.ask({ address: external, port: 80 }), '');
    await clock.advance(10_000);
    await assertAnswers(socket, 'not yet');
    assert.ok(!isOver);
    assert.ok(addresses.has(external));
    socket.end();
    await text(socket);
    await clock.advance(500);
    await left;
    assert.ok(!addresses.has(external));
  });

  test('is cut when its frontend left and the drain time is over', async () => {
    const { path, one, clock } = world;
    path.carry(web, world.carriage([one]));
    const { socket } = await world.connect();
    const left = path.leave(web, draining);
    await world.settle();
    await clock.advance(draining.timeoutMs);
    await left;
    await assertReset(socket);
  });

  test('is cut at once without draining', async () => {
    const { path, one } = world;
    path.carry(web, world.carriage([one]));
    const { socket } = await world.connect();
    const left = path.leave(web, { ...draining, enabled: false });
    await world.settle();
    await left;
    await assertReset(socket);
  });

  test('is cut while it drains when everything ends', async () => {
    const { path, one } = world;
    path.carry(web, world.carriage([one]));
    const { socket } = await world.connect();
    const left = path.leave(web, draining);
    await world.settle();
    void path.leave(web, { ...draining, enabled: false });
    await world.settle();
    await left;
    await assertReset(socket);
  });

  test('that has ended is not waited for', async () => {
    const { path, one } = world;
    path.carry(web, world.carriage([one]));
    const { socket } = await world.connect();
    socket.end();
    await text(socket);
    const left = path.leave(web, draining);
    await world.settle();
    await left;
    await path.leave(dns, draining);
  });

  test('goes on when its frontend comes back', async () => {
    const { path, one, clock } = world;
    path.carry(web, world.carriage([one]));
    const { socket } = await world.connect();
    const left = path.leave(web, draining);
    await world.settle();
    path.carry(web, world.carriage([one]));
    await left;
    await clock.advance(draining.timeoutMs);
    await assertAnswers(socket, 'here again');
    assert.deepEqual(await world.answering(4), ['node1']);
    socket.destroy();
  });

  test('goes on under the next daemon when one was killed, which also ends its draining', async () => {
    const { one, two, clock } = world;
    world.path.carry(web, world.carriage([one]));
    const { socket } = await world.connect();
    // Never closed: its sockets end with the process, as those of a killed daemon do.
    const next = world.openPath();
    await assertAnswers(socket, 'who are you?');
    assert.deepEqual(await world.answering(4), ['']);
    next.carry(web, world.carriage([two], { members: [two] }));
    assert.deepEqual(await world.answering(4), ['node2']);
    await assertAnswers(socket, 'and you?');
    assert.deepEqual(world.open(web), { [one.ip]: 1 });
    await world.settle();
    await clock.advance(draining.timeoutMs);
    await assertReset(socket);
  });
});
