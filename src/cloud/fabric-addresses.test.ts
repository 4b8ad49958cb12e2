import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { FabricAddresses } from './fabric-addresses.ts';
import { OutsideWorld, skipReason } from './testing/outside-world.ts';

describe('the fabric’s external addresses', { skip: skipReason }, () => {
  let world: OutsideWorld;

  before(() => {
    world = new OutsideWorld();
  });
  after(() => world.close());

  test('are there for as long as anybody holds them', async () => {
    const addresses = new FabricAddresses(world.kernel, world.fabric);
    const wanted = ['172.19.0.1', '172.19.0.1', 'fd00:172:19::1'];
    await Promise.all(wanted.map((address) => addresses.acquire(address)));
    assert.deepEqual(world.externalAddresses(), ['172.19.0.1', 'fd00:172:19::1']);
    addresses.release('172.19.0.1');
    assert.ok(addresses.has('172.19.0.1'));
    addresses.release('172.19.0.1');
    assert.ok(!addresses.has('172.19.0.1'));
    assert.deepEqual(world.externalAddresses(), ['fd00:172:19::1']);
    addresses.close();
    assert.deepEqual(world.externalAddresses(), []);
  });

  test('of a daemon that was killed are taken away by the next', async () => {
    const killed = new FabricAddresses(world.kernel, world.fabric);
    await killed.acquire('172.19.4.2');
    const next = new FabricAddresses(world.kernel, world.fabric);
    assert.deepEqual(world.externalAddresses(), []);
    // What is gone already is no error.
    killed.close();
    next.close();
  });
});
